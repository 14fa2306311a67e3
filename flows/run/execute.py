"""One curation run from lock to publish, whoever does the work. Nothing here knows Prefect."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl

import warehouse
from flows.publish.export import check_folders, export_planned
from flows.run.guards import check_guards
from flows.run.line import curate_line
from flows.run.order import prepare, valid_plan
from flows.run.steps import Order, Work
from flows.train.publishing import carried_trainings
from schemas.errors import Terminal
from warehouse.catalog import build_catalog
from warehouse.delta.publish import publish
from warehouse.delta.snapshots import Snapshot, head
from warehouse.home import Home
from warehouse.runs import Lock, end_run, start_run
from warehouse.store import Store
from warehouse.takedown.takedown import finish_takedowns
from warehouse.used import keep_used

_log = logging.getLogger(__name__)
PRIOR = pl.Schema({"record_id": pl.String, "component_id": pl.String, "split": pl.String})
CODE_VERSION = version("winnow-curation")
# Does the work, in any order, and returns when all of it is done.
Perform = Callable[[Sequence[Work], Store], None]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the newest snapshot, and whether this run made it."""

    snapshot: Snapshot
    is_new: bool


def up_to_date(order: Order, home: Home) -> Snapshot | None:
    """Return the newest snapshot if it is what this order would make, else nothing.

    Raises Terminal if the home holds another dataset than the plan's.
    """
    newest = head(home)
    if newest is None:
        return None
    name = json.loads(newest.plan)["name"]
    if name != order.plan.name:
        raise Terminal(
            f"this home holds the dataset '{name}', but the plan is called '{order.plan.name}': "
            "give the plan a home of its own with --home, or keep the name"
        )
    return newest if newest.run_key == order.run_key else None


def execute(plan_path: Path, home_path: Path, overrides: Sequence[str], perform: Perform) -> Outcome:
    """Curate what `plan_path` says into the home and publish a snapshot, unless there is nothing new; then export it.

    Raises Terminal if the plan, a source or the home is wrong; then nothing is published.
    """
    plan, root = valid_plan(plan_path, overrides), plan_path.parent
    home = Home.at(home_path)
    check_folders(plan.export, root)
    with Lock(home):
        finish_takedowns(home)
        order = prepare(plan, root, home)
        done = up_to_date(order, home)
        if done is not None:
            export_planned(plan.export, root, home, done)
            return Outcome(done, is_new=False)
        newest = head(home)
        run_id = start_run(home, run_id=uuid.uuid4().hex, plan=plan.name).run_id
        try:
            snapshot = _publish(order, Store(home), newest, run_id, perform)
        except BaseException as error:
            end_run(home, run_id, state="failed", message=str(error))
            raise
        end_run(home, run_id, state="completed", snapshot=snapshot.snapshot)
        _keep_small(home)
        export_planned(plan.export, root, home, snapshot)
        return Outcome(snapshot, is_new=newest is None or snapshot.snapshot != newest.snapshot)


def _keep_small(home: Home) -> None:
    try:
        warehouse.maintain(home)
    except (OSError, Terminal) as error:
        # The snapshot stands; what is left lies there until the next time.
        _log.warning("what is no longer needed in %s could not be deleted: %s", home.path, error)


def _publish(order: Order, store: Store, newest: Snapshot | None, run_id: str, perform: Perform) -> Snapshot:
    used: set[str] = set()

    def run(work: Sequence[Work]) -> None:
        used.update(key for step in work for key in step.keys)
        missing = [step for step in work if not step.is_done(store)]
        if missing:
            perform(missing, store)

    receipts = curate_line(order, _remember(store, newest), store, run)
    check_guards(order.plan.guards, store, receipts)
    keep_used(store.home, run_id, used)
    published = publish(
        store,
        [*receipts, carried_trainings(store.home, newest, order.plan)],
        run_id=run_id,
        run_key=order.run_key,
        plan=order.plan.model_dump_json(by_alias=True),
        code_version=CODE_VERSION,
        keep=order.plan.keep,
    )
    build_catalog(store.home)
    snapshot = published or head(store.home)
    if snapshot is None:
        raise Terminal("the run has no rows at all, so there is nothing to publish: are the sources empty?")
    return snapshot


def _remember(store: Store, newest: Snapshot | None) -> str:
    """Store which split every record has in the newest snapshot, and return the key."""
    key = f"prior-{newest.snapshot}-{newest.run_key}" if newest else "prior-none"
    if store.receipt(key) is None:
        known = pl.DataFrame(schema=PRIOR)
        if newest is not None:
            before = warehouse.open(store.home.path)
            pairs = before.table("pairs").select("record_id", "component_id").unique()
            known = pairs.join(before.table("splits"), on="component_id").select(PRIOR.names()).collect()
        store.write(key, {"_prior": known})
    return key
