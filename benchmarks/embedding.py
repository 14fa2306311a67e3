"""Measures the embedding pass beside a bare loop of the same encoder over the same texts.

    python benchmarks/embedding.py [--texts 2000] [--repeat 3]

Both embed with the packaged encoder, one after the other in turns; the best of several runs counts. The bare loop is
`SentenceTransformer.encode` on everything at once, which sorts by length itself and keeps the vectors in memory;
winnow's pass also finds what is known already, asks whether each text was read to its end, and writes the vectors to
the store, in files of 2,048 texts. Prints texts a second and their ratio; ends with exit code 1 below 0.95.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import polars as pl
from generate import generate
from sentence_transformers import SentenceTransformer

from flows.embed.contents import embed_contents
from flows.embed.encoder import settle_encoder
from schemas.plan.training import TextModel
from tasks.embed.embed import Embed
from tasks.embed.encoder import load_encoder
from warehouse.home import Home
from warehouse.store import Store

LEAST = 0.95


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="embedding-") as folder:
        texts = _texts(given.texts, Path(folder))
        model = settle_encoder(TextModel(), Path(), Home.at(Path(folder) / "home"))
        bare = SentenceTransformer(str(model.place), device="cpu")
        load_encoder(model.place).encode(texts[:64], model.batch)
        bare.encode(texts[:64], batch_size=model.batch)
        taken: dict[str, list[float]] = {"bare loop": [], "winnow": []}
        for number in range(given.repeat):
            taken["bare loop"].append(_timed(lambda: bare.encode(texts, batch_size=model.batch)))
            taken["winnow"].append(_timed(_pass(model, texts, Path(folder) / f"home-{number}")))
    for name, seconds in taken.items():
        print(f"{name:<10} {min(seconds):6.2f} s  {len(texts) / min(seconds):6.1f} texts a second")
    ratio = min(taken["bare loop"]) / min(taken["winnow"])
    print(f"winnow has {ratio:.3f} of the bare loop's speed, load {os.getloadavg()[0]:.2f}")
    sys.exit(ratio < LEAST)


def _texts(number: int, folder: Path) -> list[str]:
    """Take the chosen answers of generated records."""
    generate(number, folder)
    lines = (folder / f"pref_{number}.jsonl").read_bytes().splitlines()
    return [orjson.loads(line)["chosen"] for line in lines[:number]]


def _pass(model: Embed, texts: list[str], place: Path) -> Callable[[], object]:
    contents = pl.DataFrame({"content_id": [f"{at:032x}" for at in range(len(texts))], "text": texts})
    store = Store(Home.at(place))
    return lambda: embed_contents(store, model, contents, lambda *_: None)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
