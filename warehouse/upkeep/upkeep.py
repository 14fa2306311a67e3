"""Keeping a home small: whatever no kept snapshot, no running run and no reader needs is deleted."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

from schemas.plan.plan import Plan, retention
from schemas.stage import Settings
from schemas.tables import TABLES
from warehouse.catalog import build_catalog
from warehouse.delta.clean import clean
from warehouse.delta.log import newest_version, shorten
from warehouse.delta.publish import expire
from warehouse.delta.snapshots import Snapshot, read_paths, snapshots
from warehouse.home import Home
from warehouse.runs import Lock, end_dead_runs
from warehouse.store import Store
from warehouse.takedown.provenance import key_of
from warehouse.takedown.takedown import finish_takedowns
from warehouse.upkeep.blobs import delete_unused_blobs
from warehouse.upkeep.models import prune_models
from warehouse.used import drop_used, read_used

# Results that no snapshot's run asked for may be those of a run that was cut short and is going to be repeated.
GRACE = timedelta(days=1)


class Upkeep(Settings):
    """What went: numbers of snapshots, ids of models, results, bytes of media, log entries, and the runs found dead."""

    snapshots: list[int]
    models: list[str]
    results: int
    media: int
    log_entries: int
    dead_runs: list[str]


def maintain(home: Home | Path | str, grace: timedelta = GRACE) -> Upkeep:
    """Delete expired snapshots, old models, results that nothing needs, what dead runs left, and old log entries.

    Results younger than `grace` stay, and so do the files of the snapshot that expired last: readers may be on them.
    """
    place = home if isinstance(home, Home) else Home.at(home, create=False)
    store = Store(place)
    with Lock(place):
        finish_takedowns(place)
        dead = [run.run_id for run in end_dead_runs(place)]
        kept = snapshots(place)
        gone = expire(place, _keep(kept[-1])) if kept else []
        if gone:
            build_catalog(place)
        clean(store)
        kept = [each for each in kept if each.snapshot not in gone]
        return Upkeep(
            snapshots=gone,
            models=prune_models(place, kept[-1], grace) if kept else [],
            results=_delete_unused(store, kept, grace),
            # Afterwards: a result that went may have been the last to name a medium.
            media=delete_unused_blobs(place, grace),
            log_entries=_shorten_logs(place, kept),
            dead_runs=dead,
        )


def _keep(newest: Snapshot) -> int | timedelta:
    # Not by reading the whole plan: another version of winnow may have written it.
    return retention(json.loads(newest.plan).get("keep_snapshots", Plan.model_fields["keep_snapshots"].default))


def _delete_unused(store: Store, kept: list[Snapshot], grace: timedelta) -> int:
    """Delete the results that no snapshot consists of and that no run of a kept one asked for; return how many."""
    used = [read_used(store.home, each.run_id) for each in kept]
    drop_used(store.home, [each.run_id for each in kept])
    if not kept or any(keys is None for keys in used):
        # Of a snapshot from before such notes were taken nobody knows what its next run will ask for.
        return 0
    needed = {key for keys in used for key in keys or ()}
    # Of every snapshot that is still listed, the one that expired last included: readers may be on it.
    listings = sorted((store.home.tables / "files").glob("*.parquet"))
    needed |= {key_of(path) for listing in listings for path in read_paths(listing)}
    receipts = {place.stem: place for place in (store.home.work / "receipts").glob("*.json")}
    young = time.time() - grace.total_seconds()
    unused = [key for key, place in sorted(receipts.items()) if key not in needed and place.stat().st_mtime < young]
    for key in unused:
        store.forget(key)
    return len(unused)


def _shorten_logs(home: Home, kept: list[Snapshot]) -> int:
    """Delete log entries that are older than the oldest kept snapshot."""
    found = 0
    for table in TABLES if kept else ():
        folder = home.tables / table
        newest = newest_version(folder)
        if newest is not None:
            found += shorten(folder, min([newest, *[each.tables[table] for each in kept if table in each.tables]]))
    return found
