"""Runs without Prefect: what a run does is the same whoever calls its steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import warehouse
from flows.run.execute import Outcome, execute
from flows.run.steps import Work
from warehouse.answers.audit import audit
from warehouse.store import Store


def perform(steps: Sequence[Work], store: Store) -> None:
    """Do one step after the other in this process."""
    for step in steps:
        step.perform(store)


def run(plan: Path, home: Path, *overrides: str) -> Outcome:
    """Curate and publish without Prefect."""
    return execute(plan, home, overrides, perform)


def broken(home: Path) -> list[str]:
    """The promises that the newest snapshot breaks."""
    return [
        f"({each.law}) {each.promise}: {each.examples}"
        for each in audit(warehouse.open(home), deep=True)
        if each.broken
    ]


def run_in_child(plan: str, home: str) -> None:
    """The same, for a process that gets its arguments as texts."""
    run(Path(plan), Path(home))
