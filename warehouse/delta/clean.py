"""Taking away what no kept snapshot names: expired files, and what crashed runs have left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from schemas.tables import HOUSEKEEPING
from warehouse import disk
from warehouse.delta.snapshots import Snapshot, files_places, number_of, read_paths, snapshot_places, snapshots
from warehouse.home import Home
from warehouse.store import Store


def clean(store: Store, spared: Sequence[Snapshot] = ()) -> None:
    """Delete every file that no kept snapshot names, unless it is finished work that was never published.

    `spared` have just expired: readers and the catalog may still be on them, so that their files go next time.
    """
    home = store.home
    disk.sweep(home.aside)
    store.sweep()
    kept = snapshots(home)
    listings = {place for snapshot in [*spared, *kept] for place in files_places(home, snapshot)}
    needed = {path for place in listings for path in read_paths(place)}
    named = {*(home.path / path for path in needed if path.startswith("tables/runs/")), *listings}
    named |= set(snapshot_places(home))
    last = max((snapshot.snapshot for snapshot in kept), default=0)
    past = [place for place in _housekeeping(home) if place not in named and number_of(place) <= last]
    for listing in [place for place in past if place.parent.name == "files"]:
        _forget(store, read_paths(listing), needed)
    # A listing goes after the files it names: if this is cut short, the next time starts from it again.
    for place in past:
        disk.remove(place)


def _housekeeping(home: Home) -> list[Path]:
    return [place for table in HOUSEKEEPING for place in sorted((home.tables / table).glob("*.parquet"))]


def _forget(store: Store, paths: Sequence[str], needed: set[str]) -> None:
    still = {_key(path) for path in needed}
    for key in sorted({_key(path) for path in paths if not path.startswith("tables/runs/")} - still):
        store.forget(key)


def _key(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".parquet")
