"""The tombstones of a home: one file per takedown, and a note beside it when the takedown is finished.

A file without a note is a takedown that was cut short: whoever changes the home next finishes it first.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import polars as pl

from schemas.rows.tombstones import TOMBSTONES, Forgotten
from schemas.stage import Settings
from warehouse import disk, frames
from warehouse.home import Home


class Takedown(Settings):
    """A finished takedown: who asked when and why, and how many rows of each table went."""

    takedown: str
    at: datetime
    asked_by: str
    reason: str
    rows: dict[str, int]


def bury(home: Home, name: str, tombstones: pl.DataFrame) -> None:
    """Write the tombstones of the takedown `name`: from here on it is going to be finished, come what may."""
    home.upgrade()
    with disk.aside(home.aside) as folder:
        disk.write_file(_place(home, name), folder, lambda sink: frames.fill(sink, tombstones, exact=False))


def note(home: Home, done: Takedown) -> None:
    """Note that a takedown is finished."""
    disk.write_bytes(_place(home, done.takedown).with_suffix(".json"), home.aside, done.model_dump_json().encode())


def pending(home: Home) -> dict[str, pl.DataFrame]:
    """Return the tombstones of every takedown that is not finished, by its name."""
    return {place.stem: _read([place]) for place in _places(home) if not place.with_suffix(".json").exists()}


def takedowns(home: Home) -> list[Takedown]:
    """Return the finished takedowns, oldest first."""
    notes = [place.with_suffix(".json") for place in _places(home)]
    found = [Takedown.model_validate_json(place.read_bytes()) for place in notes if place.exists()]
    return sorted(found, key=lambda each: (each.at, each.takedown))


def read_tombstones(home: Home) -> pl.DataFrame:
    """Return all tombstones of a home."""
    return _read(_places(home))


def read_forgotten(home: Home, source: str) -> Forgotten:
    """Return what must not come back with the rows of `source`; people are forgotten in every source."""
    known = read_tombstones(home)
    own = known.filter(source=source)
    rows = own.filter(kind="row")
    return Forgotten(
        rows=frozenset([*rows["digest"].drop_nulls(), *rows["row_id"].drop_nulls()]),
        keys=frozenset(own.filter(kind="key")["digest"].drop_nulls()),
        names=frozenset(known.filter(kind="annotator")["digest"].drop_nulls()),
    )


def read_marks(home: Home) -> dict[tuple[str, str], str]:
    """Name what was taken down from each file: results of the file from before are other results."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    hit = read_tombstones(home).drop_nulls("file").select("source", "file", "kind", "digest", "row_id")
    for source, file, *said in hit.iter_rows():
        found[source, file].add("\x1f".join(str(each) for each in said))
    return {place: hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()[:16] for place, said in found.items()}


def _place(home: Home, name: str) -> Path:
    return home.tombstones / f"{name}.parquet"


def _places(home: Home) -> list[Path]:
    return sorted(home.tombstones.glob("*.parquet"))


def _read(places: list[Path]) -> pl.DataFrame:
    if not places:
        return pl.DataFrame(schema=TOMBSTONES)
    return pl.read_parquet(places, glob=False, schema=TOMBSTONES)
