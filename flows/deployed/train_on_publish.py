"""The deployment `train-on-publish`: every snapshot that a deployment publishes is trained on, if its plan says how."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from prefect import State, flow
from prefect.artifacts import create_table_artifact
from prefect.states import Completed
from pydantic import PositiveInt

import warehouse
from flows.run.order import valid_plan
from flows.train.show import evaluations_of, planned, train
from warehouse.home import Home


@flow(name="train-on-publish", flow_run_name="train on snapshot {snapshot}", persist_result=False)
def train_on_publish(
    plan: Path, home: Path = Path(".winnow"), snapshot: PositiveInt | Literal["newest"] = "newest"
) -> State[None]:
    """Train what the plan names under `train:` on a snapshot, and publish what it is worth.

    The artifact `winnow-training` holds every number. A training that was done before is not repeated.

    Args:
        plan: The plan, a YAML file. A relative path begins in the folder that was deployed.
        home: The folder of the dataset.
        snapshot: The snapshot's number, or `newest`.
    """
    wanted = planned(valid_plan(plan).train)
    if not wanted:
        return Completed(message=f"{plan} trains nothing: say `train: {{head: {{}}}}` in it")
    opened = warehouse.open(Home.at(home, create=False).path, None if snapshot == "newest" else snapshot)
    done = [train(opened, each, plan.parent) for each in wanted]
    for trained in done:
        create_table_artifact(
            evaluations_of(trained).fill_nan(None).to_dicts(),
            key="winnow-training",
            description=f"Training {trained.training_id} on snapshot {opened.snapshot.snapshot} of {opened.home.path}",
        )
    told = [f"training {each.training_id} {'trained' if each.is_new else 'unchanged'}" for each in done]
    return Completed(message=f"{', '.join(told)}, as in snapshot {done[-1].snapshot.snapshot}")
