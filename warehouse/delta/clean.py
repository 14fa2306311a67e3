"""Taking away what no kept snapshot names: expired files, and what crashed runs have left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from schemas.tables import HOUSEKEEPING
from warehouse import disk
from warehouse.delta.snapshots import files_places, number_of, read_paths, snapshot_places, snapshots
from warehouse.home import Home
from warehouse.store import Store

_RUNS = "tables/runs/"


def clean(store: Store) -> None:
    """Delete every file that no kept snapshot names, unless it is finished work that was never published.

    The files of the snapshot that expired last go next time: readers and the catalog may still be on them.
    """
    home = store.home
    disk.sweep(home.aside)
    store.sweep()
    # delta-rs writes a log entry beside its place and links it there; one that died in between leaves the first.
    for left in home.tables.glob("*/_delta_log/*#*"):
        disk.remove(left)
    kept = snapshots(home)
    if not kept:
        return
    written = _housekeeping(home)
    expired = {number_of(place) for place in written if number_of(place) < kept[0].snapshot}
    listings = {place for snapshot in kept for place in files_places(home, snapshot)}
    listings |= {place for place in written if _is_listing(place) and number_of(place) == max(expired, default=0)}
    needed = {path for place in listings for path in read_paths(place)}
    named = {*(home.path / path for path in needed if path.startswith(_RUNS)), *listings, *snapshot_places(home)}
    # Of a number that nobody has published yet: somebody may be at it.
    past = [place for place in written if place not in named and number_of(place) <= kept[-1].snapshot]
    for listing in filter(_is_listing, past):
        _forget(store, read_paths(listing), needed)
    # A listing goes after the files it names: if this is cut short, the next time starts from it again.
    for place in past:
        disk.remove(place)


def _housekeeping(home: Home) -> list[Path]:
    return [place for table in HOUSEKEEPING for place in sorted((home.tables / table).glob("*.parquet"))]


def _is_listing(place: Path) -> bool:
    return place.parent.name == "files"


def _forget(store: Store, paths: Sequence[str], needed: set[str]) -> None:
    still = {_key(path) for path in needed}
    for key in sorted({_key(path) for path in paths if not path.startswith(_RUNS)} - still):
        store.forget(key)


def _key(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".parquet")
