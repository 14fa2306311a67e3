"""Measures the embedding passes over texts and pictures beside bare loops of the same models.

    python benchmarks/embedding.py [--texts 2000] [--pictures 256] [--repeat 3]

They run one after the other in turns, and the best of several runs counts. Texts, by the packaged encoder: the bare
loop is `SentenceTransformer.encode` on everything at once, which sorts by length itself and keeps the vectors;
winnow's pass also finds what is known already, asks whether each text was read to its end, and writes the vectors to
the store, in files of 2,048 texts. Pictures: ViT-B/32 with random weights; the bare loop calls the model on batches of
pixels that lie in memory, winnow also turns pictures into such pixels, checks the vectors and brings them to length 1.
Prints how many a second, and the ratios; ends with exit code 1 if one is below 0.95.
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
import torch
from generate import generate
from looking import draw, save_model
from sentence_transformers import SentenceTransformer

from flows.embed.contents import embed_contents
from flows.embed.encoder import settle_encoder
from schemas.plan.train.training import TextModel
from tasks.embed.embed import Embed
from tasks.embed.encoder import load_encoder
from tasks.embed.image_text.model import load_image_text
from tasks.models.open_clip import preparation_of, to_pixels
from warehouse.home import Home
from warehouse.store import Store

LEAST = 0.95
BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="embedding-") as folder:
        ratios = [
            _compare("texts", given.texts, given.repeat, *_read(given, Path(folder))),
            _compare("pictures", given.pictures, given.repeat, *_look(given.pictures, Path(folder))),
        ]
    sys.exit(min(ratios) < LEAST)


def _compare(
    what: str, count: int, repeat: int, bare: Callable[[], object], ours: Callable[[int], Callable[[], object]]
) -> float:
    """Time both in turns and print their best; `ours` makes the work of each turn."""
    taken: dict[str, list[float]] = {"bare loop": [], "winnow": []}
    for number in range(repeat):
        taken["bare loop"].append(_timed(bare))
        taken["winnow"].append(_timed(ours(number)))
    for name, seconds in taken.items():
        print(f"{name:<10} {min(seconds):6.2f} s  {count / min(seconds):6.1f} {what} a second")
    ratio = min(taken["bare loop"]) / min(taken["winnow"])
    print(f"winnow has {ratio:.3f} of the bare loop's speed, load {os.getloadavg()[0]:.2f}")
    return ratio


def _read(
    given: argparse.Namespace, folder: Path
) -> tuple[Callable[[], object], Callable[[int], Callable[[], object]]]:
    """Make ready a bare loop over texts, and winnow's pass over them."""
    texts = _texts(given.texts, folder)
    model = settle_encoder(TextModel(), Path(), Home.at(folder / "home"))
    bare = SentenceTransformer(str(model.place), device="cpu")
    load_encoder(model.place).encode(texts[:64], model.batch)
    bare.encode(texts[:64], batch_size=model.batch)
    return (
        lambda: bare.encode(texts, batch_size=model.batch),
        lambda number: _pass(model, texts, folder / f"home-{number}"),
    )


def _look(count: int, folder: Path) -> tuple[Callable[[], object], Callable[[int], Callable[[], object]]]:
    """Make ready a bare loop over pixels in memory, and winnow's over prepared pictures."""
    weights = save_model(folder)
    encoder = load_image_text(weights, None, preparation_of(weights, None))
    pictures = [encoder.preparation.prepare(picture) for picture in draw(count, 256)]
    batches = [
        to_pixels(encoder.module, pictures[start : start + BATCH], encoder.preparation)
        for start in range(0, count, BATCH)
    ]
    encoder.encode_pictures(pictures[:BATCH], BATCH)

    def bare() -> None:
        with torch.inference_mode():
            for batch in batches:
                encoder.module.encode_image(batch)

    return bare, lambda _: lambda: encoder.encode_pictures(pictures, BATCH)


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
