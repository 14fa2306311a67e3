"""Near copies of whole texts with winnow's operators: bands, Jaccard on the texts, every copy goes for a kept row.

Run as `python with_winnow.py TEXTS.jsonl FOLDER`; writes the ids that are kept into `FOLDER/kept.txt`.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from schemas.text import fold
from tasks.match.candidates import candidates
from tasks.shingles.jaccard import jaccard
from tasks.shingles.minhash import bands, rows_of_a_band, signatures
from tasks.shingles.tokens import shingles

NGRAM, THRESHOLD, THREADS, SLICE = 5, 0.8, 2, 10_000


def main() -> None:
    rows = pl.read_ndjson(Path(sys.argv[1]), schema={"id": pl.String, "text": pl.String})
    kept = np.ones(rows.height, np.bool_)
    for at, other in near(rows["text"]):
        kept[other] &= not kept[at]
    text = rows["id"].filter(pl.Series(kept)).str.join("\n").item()
    (Path(sys.argv[2]) / "kept.txt").write_text(f"{text}\n")


def near(texts: pl.Series) -> list[tuple[int, int]]:
    """Return every two texts with a similarity at the threshold or above, in order."""
    with ThreadPoolExecutor(THREADS) as pool:
        sketches = pl.concat(pool.map(sketch, range(0, len(texts), SLICE), [texts] * len(texts)))
    found = candidates(sketches.lazy())
    compared = pl.concat([found["a"], found["b"]]).unique().sort()
    cut = shingles(fold(texts.gather(compared)), NGRAM)
    places = [compared.search_sorted(found[side]).to_numpy() for side in ("a", "b")]
    is_near = jaccard(cut, *places) >= THRESHOLD
    return found.filter(pl.Series(is_near)).sort("a", "b").rows()


def sketch(at: int, texts: pl.Series) -> pl.DataFrame:
    """Return the bands of a slice of the texts that have shingles."""
    cut = shingles(fold(texts[at : at + SLICE]), NGRAM)
    hashed = bands(signatures(cut), rows_of_a_band(THRESHOLD))
    numbered = pl.DataFrame({"key": np.arange(at, at + len(cut.counts))})
    banded = numbered.with_columns(pl.Series(f"band_{nth}", values) for nth, values in enumerate(hashed))
    return banded.filter(pl.Series(cut.counts > 0))


if __name__ == "__main__":
    main()
