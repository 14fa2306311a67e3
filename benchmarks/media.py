"""Measures how fast media are taken in: decoded, hashed, measured, and compared with each other.

    python benchmarks/media.py [--records 20000] [--large 0] [--data bench-data]

Makes records of a prompt and two small pictures (96 x 72 JPEG inside Parquet, every tenth a re-encoded copy of an
earlier one), and runs `winnow run` on them from nothing. With `--large` it does so a second time with so many records:
memory must not grow with their number. Prints records and pictures a second and the peak memory; ends with exit code 1
if copies were missed (more than 2%), or if the memory of the larger run is more than a half above the other's.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measuring import Measured, measure, program
from PIL import Image

import warehouse

PLAN = """
name: drawn
sources:
  - name: drawn
    path: drawn.parquet
    mapping: {prompt: prompt, responses: [{media: one}, {media: two}], winner: {always: a}}
"""
_MEDIUM = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_SCHEMA = pa.schema([("prompt", pa.string()), ("one", _MEDIUM), ("two", _MEDIUM)])
_GROUP = 2_000
_COPIED = 10
_LEAST_RECALL = 0.98
_MOST_GROWTH = 1.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--large", type=int, default=0)
    parser.add_argument("--data", type=Path, default=Path("bench-data"))
    given = parser.parse_args()
    given.data.mkdir(parents=True, exist_ok=True)
    counts = [given.records, *([given.large] if given.large else [])]
    taken = [_measure(count, given.data) for count in counts]
    has_grown = len(taken) > 1 and taken[1][0].peak_mb > _MOST_GROWTH * taken[0][0].peak_mb
    sys.exit(has_grown or min(recall for _, recall in taken) < _LEAST_RECALL)


def _measure(records: int, data: Path) -> tuple[Measured, float]:
    with tempfile.TemporaryDirectory(prefix="media-", dir=data) as name:
        folder = Path(name)
        planted = _make(records, folder / "drawn.parquet")
        (folder / "plan.yaml").write_text(PLAN)
        home = folder / "home"
        run = [program("winnow"), "run", str(folder / "plan.yaml"), "--home", str(home)]
        taken = measure(run, folder / "run.log")
        opened = warehouse.open(home)
        found = opened.sql(
            "select count(*) from clusters where method = 'perceptual' and partner_id is not null"
        ).item()
        pictures = opened.sql("select count(*) from media where error is null").item()
        shutil.rmtree(home)
    recall = found / planted if planted else 1.0
    print(
        f"{records:,} records: {taken.seconds:.0f} s, {records / taken.seconds:.0f} records and "
        f"{pictures / taken.seconds:.0f} pictures a second, peak {taken.peak_mb:,.0f} MB, "
        f"{found:,} of {planted:,} copies linked, load before {taken.load:.2f}",
        flush=True,
    )
    return taken, recall


def _make(records: int, target: Path) -> int:
    """Write the records; return how many different pictures are copies of earlier ones."""
    rng, copied = np.random.default_rng(records), set[int]()
    earlier: list[tuple[int, Image.Image]] = []
    with pq.ParquetWriter(target, _SCHEMA) as writer:
        for start in range(0, records, _GROUP):
            rows = []
            for at in range(start, min(start + _GROUP, records)):
                one = _draw(rng)
                if at % _COPIED == 0 and earlier:
                    number, two = earlier[int(rng.integers(len(earlier)))]
                    copied.add(number)
                else:
                    two = _draw(rng)
                rows.append({"prompt": f"Draw number {at}", "one": _encoded(one, 90), "two": _encoded(two, 60)})
                earlier = [*earlier[-200:], (at, one)]
            writer.write_table(pa.Table.from_pylist(rows, _SCHEMA))
    return len(copied)


def _draw(rng: np.random.Generator) -> Image.Image:
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((96, 72), Image.Resampling.BICUBIC)


def _encoded(picture: Image.Image, quality: int) -> dict[str, bytes | str]:
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=quality)
    return {"bytes": sink.getvalue(), "path": "drawn.jpg"}


if __name__ == "__main__":
    main()
