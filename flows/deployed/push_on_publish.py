"""The deployment `push-on-publish`: every published snapshot goes to the Hub, if its plan says where."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed
from pydantic import PositiveInt

import warehouse
from flows.publish.push import prepare_into, push
from flows.run.order import valid_plan
from warehouse.home import Home


@flow(name="push-on-publish", flow_run_name="push snapshot {snapshot}", persist_result=False)
def push_on_publish(
    plan: Path,
    home: Path = Path(".winnow"),
    snapshot: PositiveInt | Literal["newest"] = "newest",
    into: Path | None = None,
) -> State[None]:
    """Make the dataset of the Hub that the plan names under `push:` hold a snapshot, by one commit.

    Fails if a licence forbids it. The artifact `winnow-push` says what was pushed. A snapshot that is there already
    adds no commit.

    Args:
        plan: The plan, a YAML file. A relative path begins in the folder that was deployed.
        home: The folder of the dataset.
        snapshot: The snapshot's number, or `newest`.
        into: A folder that gets the files instead of the Hub, without a network.
    """
    wanted = valid_plan(plan).push
    if wanted is None:
        return Completed(message=f"{plan} is pushed nowhere: say `push: {{repo: OWNER/NAME}}` in it")
    opened = warehouse.open(Home.at(home, create=False).path, None if snapshot == "newest" else snapshot)
    if into is not None:
        manifest, where = prepare_into(opened, wanted, into), str(into.absolute())
    else:
        manifest, _ = push(opened, wanted)
        where = wanted.repo
    withheld = sum(manifest.withheld.values())
    told = f"{manifest.pushed:,} pairs of snapshot {manifest.snapshot} to {where}; {withheld:,} withheld"
    create_markdown_artifact(told, key="winnow-push", description=f"What {where} holds now")
    return Completed(message=told)
