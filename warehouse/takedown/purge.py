"""Carrying out a takedown: snapshots without the rows in place of those with them, then nothing that still has them.

Every part may be done again: what is done already is found done. The commit to `snapshots` is the moment at which
readers stop seeing the rows; nothing that they could read is deleted before it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from warehouse import disk
from warehouse.catalog import build_catalog
from warehouse.delta.clean import clean
from warehouse.delta.replace import replace_files
from warehouse.home import Home
from warehouse.store import Receipt, Store, Written, scan_files
from warehouse.takedown.cut import cut, is_touched
from warehouse.takedown.gone import Gone, files_by_path, find_gone
from warehouse.takedown.provenance import ROWS_COUNTED, clean_keys, holds_work, key_of

# Internal: how often each digest of a row's content occurs.
DIGESTS = "_digests"


def purge(store: Store, name: str, tombstones: pl.DataFrame) -> dict[str, int]:
    """Take what `tombstones` name out of every file of the home; return how many rows of each table went.

    The caller holds the home's lock. Killed at any moment, it can be repeated; readers see everything or nothing of it.
    """
    home = store.home
    files = files_by_path(home)
    rows = tombstones.filter(~pl.col("kind").is_in(["record", "medium"]))["row_id"].drop_nulls()
    people = tombstones.filter(kind="annotator")["digest"].drop_nulls()
    gone = find_gone(home, files, rows, people)
    hits = count_hits(home, files, gone)
    replaced = _rewrite(store, name, files, gone, hits)
    replace_files(home, replaced)
    build_catalog(home)
    _delete_results(store)
    clean(store)
    _delete_blobs(home, tombstones.filter(kind="medium")["digest"])
    _delete_downloads(home, tombstones["file"].drop_nulls().unique())
    return _by_table(files, hits)


def count_hits(home: Home, files: Mapping[str, Written], gone: Gone) -> dict[str, int]:
    """Count, for each file that loses anything, the rows that go or change."""
    found: dict[str, int] = {}
    for path, file in files.items():
        hit = scan_files(home, file.table, [file]).filter(is_touched(file.table, gone)).select(pl.len()).collect()
        if hit.item():
            found[path] = int(hit.item())
    return found


def _by_table(files: Mapping[str, Written], hits: Mapping[str, int]) -> dict[str, int]:
    counted: dict[str, int] = defaultdict(int)
    for path, rows in hits.items():
        counted[files[path].table] += rows
    return dict(sorted(counted.items()))


def _rewrite(
    store: Store, name: str, files: Mapping[str, Written], gone: Gone, hits: Collection[str]
) -> dict[str, Written | None]:
    """Write the public tables of every touched key under a new one; say which file takes the place of which.

    A key whose unpublished results are made of touched rows is written anew too, and loses those.
    """
    of_keys: dict[str, list[Written]] = defaultdict(list)
    for file in files.values():
        if file.table != "runs":
            of_keys[key_of(file.path)].append(file)
    touched = {key_of(path) for path in hits}
    receipts = read_receipts(store.home)
    cleaned = clean_keys(receipts, of_keys.keys() - touched)
    tainted = {key for key in of_keys if key not in cleaned and key in receipts and holds_work(receipts[key])}
    replaced: dict[str, Written | None] = {}
    for key in sorted(touched | tainted):
        tables = {file.table: _without(store.home, file, gone) for file in of_keys[key]}
        fresh = store.write(_new_key(key, name), tables | _digests(store, receipts.get(key)), _notes(receipts.get(key)))
        by_table = {file.table: file for file in fresh.files}
        replaced |= {file.path: by_table.get(file.table) for file in of_keys[key]}
    return replaced


def _digests(store: Store, receipt: Receipt | None) -> dict[str, pl.DataFrame]:
    """Keep how often each row occurs, by which equal rows are known; it says nothing of what is in them."""
    kept = [file for file in receipt.files if file.table == DIGESTS and store.is_whole(file)] if receipt else []
    return {file.table: pl.read_parquet(store.home.path / file.path, glob=False) for file in kept}


def _notes(receipt: Receipt | None) -> dict[str, int]:
    return {name: said for name, said in receipt.notes.items() if name == ROWS_COUNTED} if receipt else {}


def _without(home: Home, file: Written, gone: Gone) -> pl.DataFrame:
    return cut(file.table, scan_files(home, file.table, [file]).collect(), gone)


def _new_key(key: str, name: str) -> str:
    # Vectors are found by what their keys begin with.
    kind, dash, _ = key.rpartition("-")
    return kind + dash + hashlib.sha256(f"{key} without {name}".encode()).hexdigest()[:32]


def _delete_results(store: Store) -> None:
    """Delete every result that no snapshot names and that does not lead back to clean rows alone."""
    named = {key_of(path) for path in files_by_path(store.home)}
    receipts = read_receipts(store.home)
    for key in sorted(receipts.keys() - named - clean_keys(receipts, named)):
        store.forget(key)
    store.sweep()


def read_receipts(home: Home) -> dict[str, Receipt]:
    """Read all receipts of a home."""
    found = {}
    for place in sorted((home.work / "receipts").glob("*.json")):
        # A torn receipt is none: its files are deleted with those of all incomplete keys.
        with suppress(ValidationError):
            found[place.stem] = Receipt.model_validate_json(place.read_bytes())
    return found


def _delete_blobs(home: Home, media: Iterable[str]) -> None:
    for medium in media:
        for place in home.media.glob(f"*/{medium}*"):
            disk.remove(place)


def _delete_downloads(home: Home, files: Iterable[str]) -> None:
    """Delete the home's own copies of files of the Hub, which are called `repo@commit/file`."""
    for name in files:
        repo, is_of_hub, rest = name.partition("@")
        commit, _, path = rest.partition("!")[0].partition("/")
        if is_of_hub and path:
            place = home.hub / f"datasets--{repo.replace('/', '--')}" / "snapshots" / commit / path
            for each in _link_and_target(place):
                disk.remove(each)


def _link_and_target(place: Path) -> list[Path]:
    # The target first: a link without it is found again, a target without a link is not.
    return [place.resolve(), place] if place.is_symlink() else [place]
