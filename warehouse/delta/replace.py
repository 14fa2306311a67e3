"""Other files in place of those that snapshots consist of, in all snapshots at once."""

from __future__ import annotations

import json
from collections.abc import Mapping

from schemas.tables import TABLES
from warehouse.delta.log import Log
from warehouse.delta.publish import by_table, rows_of, settle, write_rows
from warehouse.delta.snapshots import Snapshot, files_of, read_snapshot
from warehouse.home import Home
from warehouse.store import Written


def replace_files(home: Home, replaced: Mapping[str, Written | None]) -> None:
    """Let every kept snapshot consist of other files: path of the old one → the new one, or nothing.

    One commit to `snapshots` does it, so that readers see the old or the new of all of them. The caller holds the lock.
    """
    log = Log(home.tables / "snapshots", TABLES["snapshots"])
    kept = {name: read_snapshot(home.tables / "snapshots" / name) for name in sorted(log.files())}
    added: list[Written] = []
    removed: dict[str, int] = {}
    moved: set[str] = set()
    for name, snapshot in kept.items():
        files = files_of(home, snapshot)
        changed = {file.table for file in files if file.path in replaced}
        # The newest version of a table is that of the newest snapshot: others read it without asking for one.
        changed |= moved if snapshot is list(kept.values())[-1] else set()
        if changed:
            left = [fresh for file in files if (fresh := replaced.get(file.path, file)) is not None]
            added.append(_write(home, snapshot, left, changed))
            removed[name] = log.files()[name]
            moved |= changed
    if added:
        log.change(added, removed)


def _write(home: Home, snapshot: Snapshot, files: list[Written], changed: set[str]) -> Written:
    """Write the row of a snapshot that consists of `files`."""
    versions, of_tables = dict(snapshot.tables), by_table(files)
    for table in sorted(changed):
        versions[table] = settle(home, table, of_tables[table])
    listed = write_rows(home, "files", snapshot.snapshot, rows_of(files))
    versions["files"] = settle(home, "files", [listed])
    row = snapshot.model_dump() | {"tables": json.dumps(versions)}
    return write_rows(home, "snapshots", snapshot.snapshot, [row])
