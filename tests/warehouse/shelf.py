"""Small tables with rows that can be told apart, and what a home shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from schemas.tables import DERIVED, FACTS, TABLES
from warehouse.delta.publish import publish
from warehouse.delta.snapshots import Snapshot, files_of, snapshot_at
from warehouse.frames import fixed_schema
from warehouse.home import Home
from warehouse.store import Receipt, Store, scan_files

PUBLIC = [*FACTS, *DERIVED]


def frame(table: str, *names: str, **columns: Any) -> pl.DataFrame:
    """Rows of `table`: the first column holds `names`, the others nulls or what `columns` says."""
    schema = fixed_schema(table)
    first = next(iter(schema))
    rows = pl.DataFrame({first: list(names)}, schema={first: pl.String})
    nulls = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name != first]
    return rows.with_columns(nulls).with_columns(**columns)


def put(store: Store, key: str, **tables: Iterable[str]) -> Receipt:
    """Write a key whose tables have rows of these names."""
    return store.write(key, {table: frame(table, *names) for table, names in tables.items()})


def show(store: Store, receipts: Iterable[Receipt], run: str = "run", keep: int = 10, **said: str) -> Snapshot | None:
    """Publish `receipts` under a run key of their keys."""
    given = list(receipts)
    run_key = said.get("run_key", "+".join(sorted(receipt.key for receipt in given)))
    told = {"plan": said.get("plan", "{}"), "code_version": "test"}
    return publish(store, given, run_id=run, run_key=run_key, keep=keep, **told)


def contents(home: Home, number: int | None = None) -> dict[str, list[str]]:
    """The names in every table of a snapshot that has rows; the order of rows does not count."""
    snapshot = snapshot_at(home, number)
    files = files_of(home, snapshot)
    found = {}
    for table in PUBLIC:
        names = scan_files(home, table, [file for file in files if file.table == table]).collect()
        if names.height:
            found[table] = sorted(names.to_series().to_list())
    return found


def delta_contents(home: Home, number: int | None = None) -> dict[str, list[str]]:
    """The same of a few tables, by another reader: polars' own Delta scan at the versions that the snapshot names."""
    snapshot = snapshot_at(home, number)
    found = {}
    for table in ("rows", "splits"):
        names = pl.scan_delta(str(home.tables / table), version=snapshot.tables[table]).collect()
        if names.height:
            found[table] = sorted(names.to_series().to_list())
    return found


def everything(home: Home) -> Mapping[Path, tuple[int, int]]:
    """Every file below tables/, media/ and work/, with size and time of change."""
    below = [home.tables, home.media, home.work]
    files = [file for folder in below for file in folder.rglob("*") if file.is_file()]
    return {file: (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


def strays(home: Home) -> set[str]:
    """What dead writers left: Parquet files of no complete key, folders aside, entries beside a log."""
    receipts = {receipt.stem for receipt in (home.work / "receipts").glob("*.json")}
    files = [file for table in TABLES if table in PUBLIC for file in (home.tables / table).glob("*.parquet")]
    unfinished = [file for file in files if file.stem not in receipts]
    return {left.name for left in [*unfinished, *home.aside.iterdir(), *home.tables.glob("*/_delta_log/*#*")]}
