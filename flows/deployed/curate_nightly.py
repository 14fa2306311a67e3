"""The deployment `curate-nightly`: a curation run by the clock."""

from __future__ import annotations

from pathlib import Path

from prefect import State, flow
from prefect.states import Completed

from flows.announce import announce
from flows.verbs.running import bring_up_to_date
from warehouse.home import Home


@flow(name="curate-nightly", flow_run_name="curate {plan}", persist_result=False)
def curate_nightly(plan: Path, home: Path = Path(".winnow"), overrides: tuple[str, ...] = ()) -> State[None]:
    """Bring a home up to date with a plan, and announce the snapshot.

    If no source, setting or operator has changed since the newest snapshot, nothing happens.

    Args:
        plan: The plan, a YAML file. A relative path begins in the folder that was deployed.
        home: The folder of the dataset; made if it is not there.
        overrides: Settings that change the plan for this run, such as `split.salt=other`.
    """
    snapshot, is_new = bring_up_to_date(plan, home, overrides)
    is_told = announce(Home.at(home), snapshot, "deployment")
    what = f"published snapshot {snapshot.snapshot}" if is_new else f"nothing new: snapshot {snapshot.snapshot} stands"
    return Completed(message=what + (" and announced it" if is_told else ""))
