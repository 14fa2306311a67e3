"""Trainings are published like runs: a snapshot with the same curated tables, and their rows besides."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from importlib.metadata import version

from schemas.errors import Terminal
from schemas.plan.plan import Plan
from warehouse.catalog import build_catalog
from warehouse.delta.publish import publish
from warehouse.delta.snapshots import Snapshot, files_of, head
from warehouse.home import Home
from warehouse.runs import Lock
from warehouse.store import Receipt, Store, Written, scan_files
from warehouse.takedown.provenance import key_of
from warehouse.upkeep.models import prune_models
from warehouse.upkeep.upkeep import GRACE
from warehouse.used import keep_used, read_used

# What trainings say, and what of it only the newest one says.
OF_TRAININGS = ("trainings", "evaluations", "suspects", "rewards", "embeddings")
_NEWEST = ("suspects", "rewards", "embeddings")
_log = logging.getLogger(__name__)
# A model by name and revision.
Model = tuple[str, str]


def publish_training(home: Home, results: Sequence[Receipt], keep: int | timedelta) -> Snapshot:
    """Add the rows of a training to the newest snapshot, as a new one, and return it.

    Suspects, rewards and embeddings of an earlier training give way to those of this one, and so do the rows of the
    same training if it was done again; embeddings that the plan itself asks for stay. Models that the plan does not
    keep are deleted. Raises Terminal if nothing was published yet.
    """
    with Lock(home):
        newest = head(home)
        if newest is None:
            raise Terminal(f"{home.path} has no snapshot yet: run `winnow run PLAN.yaml`")
        replaced = {file.table for each in results for file in each.files} & {*_NEWEST}
        again = {_training_of(each.key) for each in results} - {None}
        own = _own_models([Plan.model_validate_json(newest.plan)])
        carried = [
            file
            for file in files_of(home, newest)
            if (file.table not in replaced | {"runs"} and _training_of(key_of(file.path)) not in again)
            or _is_own(home, file, own)
        ]
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
        _prune(home, published or newest)
    return published or newest


def _training_of(key: str) -> str | None:
    """Name the training that a key is of: `training-ID`, and a time if it was done again."""
    kind, _, rest = key.partition("-")
    return rest.partition("-")[0] if kind == "training" else None


def _prune(home: Home, newest: Snapshot) -> None:
    try:
        prune_models(home, newest, GRACE)
    except OSError as error:
        # The snapshot stands; what is left lies there until the next time.
        _log.warning("old models in %s could not be deleted: %s", home.models, error)


def carried_trainings(home: Home, newest: Snapshot | None, plan: Plan) -> Receipt:
    """Return the files of trainings that the next snapshot of a run of `plan` takes along.

    Embeddings by a model of the old plan or the new one are none: the run says itself which of them it has.
    """
    if newest is None:
        return Receipt(key="carried", files=[])
    own = _own_models([plan, Plan.model_validate_json(newest.plan)])
    files = [file for file in files_of(home, newest) if file.table in OF_TRAININGS and not _is_own(home, file, own)]
    return Receipt(key="carried", files=files)


def _is_own(home: Home, file: Written, own: Collection[Model]) -> bool:
    """Tell whether a file holds vectors by one of these models; all of a file are by one."""
    if file.table != "embeddings":
        return False
    said = scan_files(home, file.table, [file]).select("model", "revision").head(1).collect()
    return not said.is_empty() and said.row(0) in own


def _own_models(plans: Sequence[Plan]) -> set[Model]:
    """Name the models whose vectors these plans ask for: a run writes down which revision it found."""
    named = [model for plan in plans for model in (plan.models.text, plan.models.image_text) if model is not None]
    return {(model.name, model.revision) for model in named if model.revision is not None}
