"""What the newest training said of each pair, as metrics of the pair."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from schemas.rules.metrics import model_metrics

SUSPECTS = pl.Schema({
    "pair_key": pl.String, "dimension": pl.String, "chosen_id": pl.String, "suspect_probability": pl.Float64,
    "training_id": pl.String,
})  # fmt: skip
REWARDS = pl.Schema({
    "pair_key": pl.String, "response_id": pl.String, "combined_reward": pl.Float64, "training_id": pl.String,
})  # fmt: skip
_SUSPECT = "suspect_probability"
_REWARD = "combined_reward"


def with_model_metrics(
    pairs: pl.LazyFrame, suspects: pl.LazyFrame | None, rewards: pl.LazyFrame | None, names: Collection[str]
) -> pl.LazyFrame:
    """Add the model metrics among `names`, and as `training_id` who said so, to pairs (pair_key, dimension, ids).

    `suspects` has the columns of `SUSPECTS`, `rewards` those of `REWARDS`; without them nothing is known. What was
    said of a pair holds for each copy with the same responses and the same winner; a label that has changed since is a
    label that nobody has judged, so its metric is null, as it is of a pair that no training has seen.
    """
    wanted = model_metrics(names)
    suspects = SUSPECTS.to_frame().lazy() if suspects is None else suspects
    rewards = REWARDS.to_frame().lazy() if rewards is None else rewards
    said_by = []
    if _SUSPECT in wanted:
        of_labels = suspects.rename({"training_id": "suspect:training"})
        pairs = pairs.join(of_labels, on=["pair_key", "dimension", "chosen_id"], how="left", maintain_order="left")
        said_by.append("suspect:training")
    if any(_REWARD in name for name in wanted):
        for side in ("chosen", "rejected"):
            columns = {"response_id": f"{side}_id", _REWARD: f"{side}_{_REWARD}", "training_id": f"{side}:training"}
            pairs = pairs.join(
                rewards.rename(columns), on=["pair_key", f"{side}_id"], how="left", maintain_order="left"
            )
            said_by.append(f"{side}:training")
        gap = pl.col(f"chosen_{_REWARD}") - pl.col(f"rejected_{_REWARD}")
        pairs = pairs.with_columns(gap.alias(f"{_REWARD}_gap"))
    return pairs.with_columns(training_id=pl.coalesce(said_by)) if said_by else pairs
