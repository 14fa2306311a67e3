"""Trainings are published like runs: a snapshot with the same curated tables, and their rows besides."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import version

from schemas.errors import Terminal
from warehouse.catalog import build_catalog
from warehouse.delta.publish import publish
from warehouse.delta.snapshots import Snapshot, files_of, head
from warehouse.home import Home
from warehouse.runs import Lock
from warehouse.store import Receipt, Store
from warehouse.used import keep_used, read_used

# What trainings say, and what of it only the newest one says.
OF_TRAININGS = ("trainings", "evaluations", "suspects", "rewards", "embeddings")
_NEWEST = ("suspects", "rewards", "embeddings")


def publish_training(home: Home, results: Sequence[Receipt], keep: int | timedelta) -> Snapshot:
    """Add the rows of a training to the newest snapshot, as a new one, and return it.

    Suspects, rewards and embeddings of an earlier training give way to those of this one. Raises Terminal if
    nothing was published yet.
    """
    with Lock(home):
        newest = head(home)
        if newest is None:
            raise Terminal(f"{home.path} has no snapshot yet: run `winnow run PLAN.yaml`")
        replaced = {file.table for each in results for file in each.files} & {*_NEWEST}
        carried = [file for file in files_of(home, newest) if file.table not in replaced | {"runs"}]
        run_id = uuid.uuid4().hex
        # The next run asks for what the last one asked for.
        before = read_used(home, newest.run_id)
        if before is not None:
            keep_used(home, run_id, before | {each.key for each in results})
        published = publish(
            Store(home),
            [Receipt(key="carried", files=carried), *results],
            run_id=run_id,
            run_key=newest.run_key,
            plan=newest.plan,
            code_version=version("winnow-curation"),
            keep=keep,
        )
        build_catalog(home)
    return published or newest


def carried_trainings(home: Home, newest: Snapshot | None) -> Receipt:
    """Return the files of trainings that the next snapshot of a run takes along."""
    files = files_of(home, newest) if newest else []
    return Receipt(key="carried", files=[file for file in files if file.table in OF_TRAININGS])
