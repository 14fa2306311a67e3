"""What the children do: small runs of the store, each of which may be repeated."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.warehouse.shelf import frame, put, show
from warehouse.catalog import build_catalog
from warehouse.delta.snapshots import files_of, head
from warehouse.home import Home
from warehouse.runs import Lock, end_run, start_run
from warehouse.store import Receipt, Store


def curate(place: str | Path, *keys: str, keep: int = 2, run: str = "run") -> None:
    """Write some keys and publish exactly them, as a run does: lock, work, publish, catalog."""
    home = Home.at(place)
    store = Store(home)
    with Lock(home):
        start_run(home, run, "plan")
        receipts = [write(store, key) for key in keys]
        published = show(store, receipts, run=run, keep=keep)
        build_catalog(home)
        end_run(home, run, "done", published.snapshot if published else None)


def write(store: Store, key: str) -> Receipt:
    """Write a key that has rows in two public tables and an internal one."""
    tables = {table: frame(table, f"{key} 1", f"{key} 2") for table in ("splits", "rows")}
    return store.write(key, tables | {"_signatures": pl.DataFrame({"key": [key]})})


def add(place: str, name: str, times: int) -> None:
    """Publish `times` keys one after the other, each added to what is there, as runs of eight machines might."""
    home = Home.at(place)
    store = Store(home)
    for number in range(times):
        mine = put(store, f"{name}-{number}", splits=[f"{name}-{number}"])
        with Lock(home, waiting=lambda _: None):
            show(store, [*published(store), mine], run=f"{name}-{number}", keep=5)


def published(store: Store) -> list[Receipt]:
    """The receipts of everything that the newest snapshot shows."""
    newest = head(store.home)
    files = files_of(store.home, newest) if newest else []
    keys = {Path(file.path).stem for file in files if file.table != "runs"}
    return [receipt for key in sorted(keys) if (receipt := store.receipt(key)) is not None]


def flicker(place: str, times: int) -> None:
    """Publish `times` snapshots, in each of which all tables hold one name, the same in all."""
    home = Home.at(place)
    store = Store(home)
    for number in range(times):
        with Lock(home, waiting=lambda _: None):
            receipt = put(store, f"n{number}", splits=[f"n{number}"], rows=[f"n{number}"], labels=[f"n{number}"])
            show(store, [receipt], run=f"n{number}", keep=3)
            build_catalog(home)
