"""What the newest training said of labels and responses, for a run whose plan reads it."""

from __future__ import annotations

import hashlib

import polars as pl

import warehouse
from flows.run.line import named_metrics
from schemas.plan.plan import Plan
from schemas.rules.metrics import model_metrics
from tasks.judge.models.metrics import REWARDS, SUSPECTS
from training.evaluate.combine import log_good_in_all
from warehouse.database import Warehouse
from warehouse.delta.snapshots import head
from warehouse.home import Home
from warehouse.store import Store


def remember_trained(plan: Plan, home: Home) -> str | None:
    """Store what `plan` reads of the newest training, and return the key: equal keys mean that equal things were said.

    Returns nothing if the plan reads nothing of the kind. Before the first training the tables are empty.
    """
    if not model_metrics(named_metrics(plan)):
        return None
    said = {"_suspects": SUSPECTS.to_frame(), "_rewards": REWARDS.to_frame()}
    if head(home) is not None:
        opened = warehouse.open(home)
        said = {"_suspects": suspects_of(opened).collect(), "_rewards": rewards_of(opened).collect()}
    key = f"trained-{_digest(said)}"
    Store(home).write(key, said)
    return key


def suspects_of(opened: Warehouse) -> pl.LazyFrame:
    """Read how probable it is that each judged label is wrong, with the columns of `SUSPECTS`."""
    found = opened.table("suspects").rename({"probability": "suspect_probability", "model": "training_id"})
    # Trainings of older versions did not say which label it was.
    return found.filter(pl.col("chosen_id").is_not_null()).select(SUSPECTS.names())


def rewards_of(opened: Warehouse) -> pl.LazyFrame:
    """Combine the rewards of each judged response over all dimensions, with the columns of `REWARDS`."""
    rewards = opened.table("rewards").collect()
    if rewards.is_empty():
        return REWARDS.to_frame().lazy()
    # A dimension may be called like a column.
    rewards = rewards.with_columns(pl.format("reward in {}", "dimension").alias("dimension"))
    references = dict(rewards.select("dimension", "reference").unique().sort("dimension").iter_rows())
    wide = rewards.pivot("dimension", index=["pair_key", "response_id", "model"], values="reward", sort_columns=True)
    named = wide.lazy().with_columns(combined_reward=log_good_in_all(references), training_id="model")
    return named.select(REWARDS.names())


def _digest(said: dict[str, pl.DataFrame]) -> str:
    """Digest what was said, whoever said it. Another version of polars hashes otherwise; then it passes for new."""
    whole = hashlib.sha256()
    for table, frame in said.items():
        rows = frame.drop("training_id").hash_rows().sort()
        whole.update(f"{table}:{frame.height}:".encode() + rows.to_numpy().tobytes())
    return whole.hexdigest()[:32]
