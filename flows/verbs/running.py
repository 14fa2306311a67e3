"""`winnow run`: see whether there is anything to do before anything heavy is loaded, then let Prefect do it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

import warehouse
from flows.announce import announce
from flows.prefect_home import end_left_behind_servers, reaching_the_server, settle
from flows.publish.export import check_folders, export_planned
from flows.run.apart import begin, worth_a_process
from flows.run.execute import up_to_date
from flows.run.line import first_work
from flows.run.order import prepare, valid_plan
from flows.train.show import planned, show_trained, train
from flows.verbs.answers import print_json
from flows.verbs.counts import count, to_tables
from flows.verbs.exporting import lines_of
from flows.verbs.nulls import warn_of_nulls
from flows.verbs.screen import screen
from schemas.errors import Terminal
from warehouse.delta.snapshots import Snapshot
from warehouse.export.manifest import read_manifest
from warehouse.home import Home
from warehouse.runs import Lock
from warehouse.store import Store
from warehouse.takedown.takedown import finish_takedowns


def run_plan(plan: Path, home_path: Path, overrides: Sequence[str], *, as_json: bool) -> None:
    """Run a plan in the foreground and print the three blocks of counts. Raises Terminal for wrong input."""
    snapshot, is_new = bring_up_to_date(plan, home_path, overrides)
    if is_new:
        announce(Home.at(home_path), snapshot, "command")
    said = valid_plan(plan, overrides)
    folders = [plan.parent / wanted.out for wanted in said.export]
    show(snapshot, home_path, is_new=is_new, as_json=as_json, folders=folders)
    # Under a deployment the event of the snapshot starts the training, never both.
    for wanted in planned(said.train):
        trained = train(warehouse.open(home_path), wanted, plan.parent)
        if not as_json:
            show_trained(trained)


def bring_up_to_date(plan_path: Path, home_path: Path, overrides: Sequence[str]) -> tuple[Snapshot, bool]:
    """Make the newest snapshot what the plan says; return it, and whether it is new."""
    plan = valid_plan(plan_path, overrides)
    home = Home.at(home_path)
    check_folders(plan.export, plan_path.parent)
    with Lock(home):
        finish_takedowns(home)
        order = prepare(plan, plan_path.parent, home)
        done = up_to_date(order, home)
        if done is not None:
            export_planned(plan.export, plan_path.parent, home, done)
            return done, False
        settle(home.path)
        end_left_behind_servers(home.path)
        # Prefect and its server take seconds to start; reading need not wait for them.
        store = Store(home)
        missing = [chain for chain in first_work(order) if not chain.is_done(store)]
        begin(worth_a_process(missing), str(home.path))
        from flows.curate import with_workers

        curate = with_workers(plan.runner.workers)
        with reaching_the_server():
            outcome = curate(plan=str(plan_path), home=str(home.path), overrides=list(overrides))
    if outcome.snapshot is None:
        raise Terminal("the run ended without a snapshot")
    return outcome.snapshot, outcome.is_new


def show(snapshot: Snapshot, home: Path, *, is_new: bool, as_json: bool, folders: Sequence[Path] = ()) -> None:
    """Print what a run ended with, and what lies in the `folders` that it exported to."""
    opened = warehouse.open(home)
    counts, warnings = count(opened), warn_of_nulls(opened)
    exported = [(folder, manifest) for folder in folders if (manifest := read_manifest(folder)) is not None]
    if as_json:
        exports = [manifest.model_dump(exclude={"plan"}) for _, manifest in exported]
        said = {"snapshot": snapshot.snapshot, "is_new": is_new, "warnings": warnings, **counts, "exports": exports}
        print_json(said)
        return
    console = screen()
    for table in to_tables(counts):
        console.print(table)
        console.print()
    for warning in warnings:
        typer.secho(warning, fg="yellow", err=True)
    state = "published" if is_new else "unchanged, nothing was new"
    console.print(f"[bold]snapshot {snapshot.snapshot}[/] {state}")
    for folder, manifest in exported:
        for line in lines_of(manifest, folder):
            console.print(line, highlight=False, markup=False)
