"""What was trained: one folder per training, written aside and put in place whole; old ones go, their rows stay."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import polars as pl

from schemas.plan.plan import Plan
from warehouse import disk
from warehouse.delta.snapshots import Snapshot, files_of
from warehouse.home import Home
from warehouse.store import scan_files

UNFINISHED = "unfinished"


@contextmanager
def model_folder(home: Home, training_id: str) -> Iterator[Path]:
    """Lend an empty folder that becomes `models/<training_id>` at the end, unless an error ends it before.

    Raises Terminal if the disk is full or broken.
    """
    place = home.models / training_id
    try:
        home.models.mkdir(exist_ok=True)
        with disk.aside(home.aside, f"model-{training_id}") as lent:
            fresh = lent / "new"
            fresh.mkdir()
            yield fresh
            disk.put_folder_in_place(fresh, place)
    except OSError as error:
        raise disk.cannot_write(place, error) from error


def read_trainings(home: Home, snapshot: Snapshot) -> pl.DataFrame:
    """Read what a snapshot says of its trainings (training_id, kind, model, snapshot, started_at), newest first."""
    files = [file for file in files_of(home, snapshot) if file.table == "trainings"]
    found = scan_files(home, "trainings", files).select("training_id", "kind", "model", "snapshot", "started_at")
    return found.collect().sort("started_at", "training_id", descending=True)


def prune_models(home: Home, newest: Snapshot, grace: timedelta) -> list[str]:
    """Delete the folders of all but the `keep_models` newest trainings of each kind; return their ids.

    Folders of which the snapshot knows nothing, and unfinished ones, may be those of a training that goes on: they stay
    until nothing was written into them for `grace`. The caller holds the home's lock.
    """
    # Not by reading the whole plan: another version of winnow may have written it.
    keep = json.loads(newest.plan).get("keep_models", Plan.model_fields["keep_models"].default)
    known = read_trainings(home, newest)
    kept = set(known.filter(pl.int_range(pl.len()).over("kind") < keep)["training_id"])
    last = dict(known.with_columns(pl.col("started_at").max().over("kind")).select("training_id", "started_at").rows())
    gone = []
    abandoned = time.time() - grace.total_seconds()
    for place in sorted(home.models.glob("*/")):
        if place.name == UNFINISHED:
            gone += [each.name for each in place.glob("*/") if _last_written(each) < abandoned and _delete(home, each)]
            continue
        # One written since the newest training of its kind began is being trained again, and not published yet.
        since = last[place.name].timestamp() if place.name in last else abandoned
        if place.name not in kept and place.stat().st_mtime < since:
            _delete(home, place)
            gone.append(place.name)
    return gone


def unfinished_folder(home: Home, training_id: str) -> Path:
    """Name the folder in which a long training keeps what it needs to go on."""
    return home.models / UNFINISHED / training_id


def _delete(home: Home, place: Path) -> bool:
    with disk.aside(home.aside) as lent:
        # In one step: nobody finds half a model.
        disk.rename(place, lent / place.name)
    return True


def _last_written(place: Path) -> float:
    return max(file.stat().st_mtime for file in [place, *place.rglob("*")])
