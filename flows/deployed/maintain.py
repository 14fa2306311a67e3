"""The deployment `maintain`: a home is kept small where no run is published for a while."""

from __future__ import annotations

from pathlib import Path

from prefect import State, flow
from prefect.artifacts import create_table_artifact
from prefect.states import Completed

import warehouse
from warehouse.home import Home


@flow(name="maintain", flow_run_name="maintain {home}", persist_result=False)
def maintain(home: Path = Path(".winnow")) -> State[None]:
    """Delete what a home no longer needs: expired snapshots, old models, unused results, old log entries.

    The plan of the newest snapshot says how many are kept. The artifact `winnow-maintain` says what went.

    Args:
        home: The folder of the dataset.
    """
    went = warehouse.maintain(Home.at(home, create=False))
    create_table_artifact(
        [
            {"what": "expired snapshots", "number": len(went.snapshots), "which": ", ".join(map(str, went.snapshots))},
            {"what": "old models", "number": len(went.models), "which": ", ".join(went.models)},
            {"what": "unused results", "number": went.results, "which": ""},
            {"what": "unused media", "number": went.media, "which": ""},
            {"what": "old log entries", "number": went.log_entries, "which": ""},
            {"what": "dead runs", "number": len(went.dead_runs), "which": ", ".join(went.dead_runs)},
        ],
        key="winnow-maintain",
        description=f"What {home.absolute()} no longer needed",
    )
    told = (
        f"{len(went.snapshots)} snapshots, {len(went.models)} models, {went.results} results, "
        f"{went.media} media and {went.log_entries} log entries deleted"
    )
    return Completed(message=f"{told}, {len(went.dead_runs)} dead runs closed")
