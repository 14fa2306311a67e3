"""Publishing: the only commit. Readers see the snapshot before it or the one after it, never a mixture."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from deltalake.exceptions import DeltaError

from schemas.errors import Terminal, Transient
from schemas.tables import DERIVED, FACTS, TABLES
from warehouse import disk, frames
from warehouse.delta.clean import clean
from warehouse.delta.log import Log, Moved, newest_version
from warehouse.delta.snapshots import Snapshot, files_of, read_snapshot
from warehouse.home import Home
from warehouse.runs import list_runs
from warehouse.store import Receipt, Store, Written

_log = logging.getLogger(__name__)
_TRIES = 5
# Records of runs come and go without the data changing: they are published along.
PUBLISHED = (*FACTS, *DERIVED)


def publish(
    store: Store,
    receipts: Sequence[Receipt],
    *,
    run_id: str,
    run_key: str,
    plan: str,
    code_version: str,
    keep: int | timedelta,
) -> Snapshot | None:
    """Make the tables consist of exactly the files of `receipts`, as a new snapshot.

    Of the others as many are kept as make `keep` with it, or those that are not older than `keep`.

    Returns nothing, and changes nothing, if the newest snapshot has these files and this `run_key` already. What a
    crashed publish left is taken back. The caller holds the home's lock; without it, a publish that others keep
    overtaking raises Transient.
    """
    said = {"run_id": run_id, "run_key": run_key, "plan": plan, "code_version": code_version}
    for _ in range(_TRIES):
        try:
            published = _publish(store, receipts, keep=keep, said=said)
        except Moved:
            continue
        _clean_up(store)
        return published
    raise Transient(f"others keep publishing to {store.home.path}: run again when they are done")


def _clean_up(store: Store) -> None:
    try:
        clean(store)
    except (DeltaError, OSError, Terminal) as error:
        # The snapshot stands; what is left lies there until the next time.
        _log.warning("what is no longer needed in %s could not be deleted: %s", store.home.path, error)


def _publish(
    store: Store, receipts: Sequence[Receipt], *, keep: int | timedelta, said: Mapping[str, str]
) -> Snapshot | None:
    home = store.home
    # Opened first: if anybody publishes from here on, the last commit below is refused.
    log = Log(home.tables / "snapshots", TABLES["snapshots"])
    kept = {name: read_snapshot(home.tables / "snapshots" / name) for name in sorted(log.files())}
    head = max(kept.values(), key=lambda each: each.snapshot, default=None)
    wanted = by_table(file for receipt in receipts for file in receipt.files)
    have = by_table(files_of(home, head) if head else [])
    changed = [table for table in PUBLISHED if wanted[table] != have[table]]
    if head is not None and head.run_key == said["run_key"] and not changed:
        return None
    _check(store, wanted)
    number = head.snapshot + 1 if head else 1
    # A snapshot of an older version may know fewer tables.
    known = head.tables if head else {}
    untouched = {table: known[table] for table in PUBLISHED if table in known and table not in changed}
    versions = {table: settle(home, table, wanted[table], untouched.get(table)) for table in PUBLISHED}
    runs = write_rows(home, "runs", number, _runs(home))
    files = [file for table in PUBLISHED for file in wanted[table]] + [runs]
    listed = write_rows(home, "files", number, rows_of(files))
    versions |= {file.table: settle(home, file.table, [file]) for file in (runs, listed)}
    snapshot = Snapshot(snapshot=number, created_at=datetime.now(UTC), tables=versions, **said)
    row = write_rows(home, "snapshots", number, [snapshot.model_dump() | {"tables": json.dumps(versions)}])
    gone = expired([*kept.values(), snapshot], keep)
    log.change([row], {name: log.files()[name] for name, each in kept.items() if each.snapshot in gone})
    return snapshot


def expire(home: Home, keep: int | timedelta) -> list[int]:
    """Let the snapshots go that are not to be kept; return their numbers. Their files go with the next clean-up."""
    log = Log(home.tables / "snapshots", TABLES["snapshots"])
    kept = {name: read_snapshot(home.tables / "snapshots" / name) for name in sorted(log.files())}
    gone = expired(list(kept.values()), keep)
    if gone:
        log.change([], {name: log.files()[name] for name, each in kept.items() if each.snapshot in gone})
    return sorted(gone)


def expired(known: Sequence[Snapshot], keep: int | timedelta) -> set[int]:
    """Name the snapshots among `known` that need not be kept; the newest one always is."""
    older = sorted(known, key=lambda each: each.snapshot)[:-1]
    if isinstance(keep, int):
        return {each.snapshot for each in older[: max(0, len(older) + 1 - keep)]}
    return {each.snapshot for each in older if datetime.now(UTC) - each.created_at > keep}


def by_table(files: Iterable[Written]) -> dict[str, list[Written]]:
    """Group the files of public tables, each once and in order, so that equal sets are equal."""
    unique = {file.path: file for file in files}
    found: dict[str, list[Written]] = {table: [] for table in PUBLISHED}
    for path in sorted(unique):
        if unique[path].table in found:
            found[unique[path].table].append(unique[path])
    return found


def _check(store: Store, wanted: Mapping[str, Sequence[Written]]) -> None:
    lost = [file.path for files in wanted.values() for file in files if not store.is_whole(file)]
    if lost:
        raise Terminal(f"{store.home.path / lost[0]} is missing or damaged: run the plan again, it will be made anew")


def settle(home: Home, table: str, files: Sequence[Written], untouched: int | None = None) -> int:
    """Make `table` consist of `files`, as version `untouched` does; if that is the newest, nothing need be read."""
    if untouched is not None and newest_version(home.tables / table) == untouched:
        return untouched
    schema = frames.whole_schema(table, [file.columns for file in files])
    return Log(home.tables / table, schema).settle(files)


def write_rows(home: Home, table: str, number: int, rows: Sequence[Mapping[str, Any]]) -> Written:
    """Write rows of a housekeeping table; the name says for which snapshot, and differs at every try."""
    frame = pl.DataFrame(rows, schema=frames.fixed_schema(table), orient="row")
    place = home.tables / table / f"{number:010d}-{uuid.uuid4().hex}.parquet"
    with disk.aside(home.aside) as folder:
        digest = disk.write_file(place, folder, lambda sink: frames.fill(sink, frame, exact=False))
    path = place.relative_to(home.path).as_posix()
    return Written(table=table, path=path, rows=frame.height, columns=frames.column_types(frame), **digest._asdict())


def _runs(home: Home) -> list[dict[str, Any]]:
    columns = set(TABLES["runs"].names)
    return [run.model_dump(include=columns) for run in list_runs(home)]


def rows_of(files: Iterable[Written]) -> list[dict[str, Any]]:
    """Say files as rows of the table `files`."""
    return [file.model_dump() | {"columns": json.dumps(file.columns)} for file in files]
