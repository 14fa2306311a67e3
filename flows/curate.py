"""The Prefect flow of a curation run, and the one task in it.

A task is a shard or a whole stage, never a record. Prefect gives order, retries, artifacts and sight; what makes a
retry, a rerun or a crash harmless are the keys of the store.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed
from prefect.task_runners import ThreadPoolTaskRunner

import warehouse
from flows.progress import Watch
from flows.run.apart import perform_apart, worth_a_process
from flows.run.execute import Outcome, execute
from flows.run.line import STAGES
from flows.run.steps import Work
from flows.verbs.counts import count, to_markdown
from schemas.errors import Transient
from warehouse.home import Home
from warehouse.store import Store

RUNNER: Any = ThreadPoolTaskRunner(max_workers=os.cpu_count() or 2)


def is_transient(_task: Any, _run: Any, state: Any) -> bool:
    """Say whether trying again may help: only if the network or a busy machine failed."""
    return isinstance(state.result(raise_on_failure=False), Transient | ConnectionError | TimeoutError)


@task(
    name="apply",
    task_run_name="{name}",
    retries=3,
    retry_delay_seconds=[1, 5, 25],
    retry_condition_fn=is_transient,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def apply(step: Work, name: str, home: str, *, apart: bool) -> str:  # noqa: ARG001  (Prefect shows the name)
    """Do one piece of work, in a process of its own if it is to be `apart`; a second call changes nothing.

    Returns the key of its result.
    """
    return perform_apart(step, home) if apart else step.perform(Store(Home.at(home))).key


@flow(name="curate", task_runner=RUNNER, persist_result=False)
def curate(plan: str, home: str, overrides: list[str] | None = None) -> Outcome:
    """Curate the plan in the file `plan` into the home folder `home` and publish a snapshot.

    `overrides` are settings such as `split.salt=other` that change the plan for this run.
    """
    progress = cast(UUID, create_progress_artifact(0.0, key="winnow-progress", description="Starting"))
    finished: list[str] = []
    with Watch() as watch:

        def perform(steps: Sequence[Work], store: Store) -> None:
            apart = worth_a_process(steps)
            for stage in dict.fromkeys(step.stage_name for step in steps):
                watch.begin(stage, sum(step.stage_name == stage for step in steps))
            futures = {apply.submit(step, step.name, str(store.home.path), apart=step in apart): step for step in steps}
            for future in as_completed(list(futures)):
                future.result()
                watch.advance(futures[future].stage_name)
            finished.append(steps[-1].stage_name)
            share = 100.0 * len(set(finished)) / (len(STAGES) + 1)
            update_progress_artifact(progress, share, description=f"{finished[-1]} is done")

        outcome = execute(Path(plan), Path(home), overrides or [], perform)
    update_progress_artifact(progress, 100.0, description=f"snapshot {outcome.snapshot.snapshot}")
    counts = count(warehouse.open(home))
    create_markdown_artifact(to_markdown(counts), key="winnow-run", description="Rows, records and pairs of the run")
    return outcome


def with_workers(workers: int | None) -> Any:
    """Return the flow `curate` with so many steps at a time, or with one for each processor."""
    return (
        curate
        if workers is None
        else curate.with_options(task_runner=cast(Any, ThreadPoolTaskRunner(max_workers=workers)))
    )
