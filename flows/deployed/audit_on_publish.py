"""The deployment `audit-on-publish`: every published snapshot is audited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from prefect import State, flow
from prefect.artifacts import create_table_artifact
from prefect.states import Completed
from pydantic import PositiveInt

import warehouse
from flows.verbs.answers import check_laws
from schemas.errors import BrokenPromise
from warehouse.home import Home


@flow(name="audit-on-publish", flow_run_name="audit snapshot {snapshot}", persist_result=False)
def audit_on_publish(
    home: Path, snapshot: PositiveInt | Literal["newest"] = "newest", *, deep: bool = False
) -> State[None]:
    """Check every law of a snapshot, and fail if one is broken.

    The artifact `winnow-audit` says how each law stands.

    Args:
        home: The folder of the dataset.
        snapshot: The snapshot's number, or `newest`.
        deep: Also read every file of the snapshot and compare it with its digest.
    """
    opened = warehouse.open(Home.at(home, create=False).path, None if snapshot == "newest" else snapshot)
    findings = check_laws(opened, deep=deep)
    number = opened.snapshot.snapshot
    create_table_artifact(
        [
            {
                "law": each.law,
                "promise": each.promise,
                "broken rows": each.broken,
                "examples": "; ".join(json.dumps(example, default=str) for example in each.examples),
            }
            for each in findings
        ],
        key="winnow-audit",
        description=f"The laws of snapshot {number} of {opened.home.path}",
    )
    broken = [each for each in findings if each.broken]
    if broken:
        raise BrokenPromise(f"snapshot {number}: {', '.join(each.promise for each in broken)}: broken")
    return Completed(message=f"snapshot {number}: all {len(findings)} promises hold")
