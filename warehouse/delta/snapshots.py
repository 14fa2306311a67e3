"""Snapshots: rows of the table `snapshots` that name a version of every table. What no snapshot names is not seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import Terminal
from schemas.stage import Settings
from warehouse.home import Home
from warehouse.store import Written

_Result = TypeVar("_Result")
# How often a reader starts again because a publish took an expired snapshot away under it.
_TRIES = 5


class Snapshot(Settings):
    """A published state of all tables. `tables` says which Delta version of each belongs to it."""

    snapshot: int
    created_at: datetime
    run_id: str
    run_key: str
    plan: str
    code_version: str
    tables: dict[str, int]


def head(home: Home) -> Snapshot | None:
    """Return the newest snapshot, or nothing before the first publish."""
    return again(lambda: next((read_snapshot(place) for place in reversed(snapshot_places(home))), None))


def snapshots(home: Home) -> list[Snapshot]:
    """Return the kept snapshots, oldest first."""
    return again(lambda: [read_snapshot(place) for place in snapshot_places(home)])


def snapshot_at(home: Home, number: int | None = None) -> Snapshot:
    """Return the snapshot of that number, or the newest one. Raises Terminal if there is none."""
    kept = snapshots(home)
    found = [each for each in kept if number in (None, each.snapshot)]
    if found:
        return found[-1]
    if not kept:
        raise Terminal(f"{home.path} has no snapshot yet: run `winnow run PLAN.yaml`")
    numbers = ", ".join(str(each.snapshot) for each in kept)
    there = f"there are {numbers}" if len(kept) > 1 else f"there is {numbers} alone"
    if number is not None and 0 < number < kept[-1].snapshot:
        raise Terminal(
            f"snapshot {number} was deleted when newer ones came; {there}: "
            "a larger keep_snapshots in the plan keeps more of the next ones"
        )
    raise Terminal(f"{home.path} never had a snapshot {number}; {there}")


def files_of(home: Home, snapshot: Snapshot) -> list[Written]:
    """Return the files that `snapshot` consists of, except those of the tables `files` and `snapshots`."""
    return [file for place in files_places(home, snapshot) for file in read_files(place)]


def snapshot_places(home: Home) -> list[Path]:
    """Return where the rows of the kept snapshots lie, oldest first."""
    return _places(home.tables / "snapshots")


def files_places(home: Home, snapshot: Snapshot) -> list[Path]:
    """Return where the rows of `files` lie that belong to `snapshot`."""
    return _places(home.tables / "files", snapshot.tables["files"])


def number_of(place: Path) -> int:
    """Return the number of the snapshot that a housekeeping file was written for."""
    return int(place.name.split("-")[0])


def read_snapshot(place: Path) -> Snapshot:
    """Read one row of `snapshots`."""
    (row,) = _rows(place)
    return Snapshot(**row | {"tables": json.loads(row["tables"])})


def read_files(place: Path) -> list[Written]:
    """Read rows of `files`."""
    # Thousands of rows share a handful of column lists, and all of them were validated when they were written.
    parsed = cache(json.loads)
    return [Written.model_construct(**row | {"columns": parsed(row["columns"])}) for row in _rows(place)]


def read_paths(place: Path) -> list[str]:
    """Read the paths alone, relative to the home, of rows of `files`."""
    return [row["path"] for row in _rows(place, ["path"])]


def _rows(place: Path, columns: list[str] | None = None) -> list[dict[str, Any]]:
    with pq.ParquetFile(place, page_checksum_verification=True) as file:
        table = file.read(columns=columns)
    # pyarrow imports pandas for times in Python, which takes as long as all the rest; texts will do.
    plain = [
        pa.field(each.name, pa.string() if pa.types.is_timestamp(each.type) else each.type) for each in table.schema
    ]
    return list(table.cast(pa.schema(plain)).to_pylist())


def _places(folder: Path, version: int | None = None) -> list[Path]:
    if not (folder / "_delta_log").is_dir():
        return []
    from warehouse.delta.log import names_at

    return [folder / name for name in sorted(names_at(folder, version))]


def again(read: Callable[[], _Result]) -> _Result:
    """Read again if a publish takes away an expired file meanwhile; raises FileNotFoundError if it stays away."""
    for _ in range(_TRIES - 1):
        try:
            return read()
        except FileNotFoundError:
            continue
    return read()
