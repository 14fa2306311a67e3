"""Labels that may be wrong: pairs that a model which never saw them, nor their relatives, judges the other way."""

from __future__ import annotations

import polars as pl


def find_suspects(pairs: pl.DataFrame, rewards: pl.DataFrame) -> pl.DataFrame:
    """Say of every decided pair of `pairs` how probable it is that its label is wrong, by `rewards` out of fold.

    `rewards` has a row for each pair and dimension (pair_id, fold, dimension, chosen, rejected); that of the pair's own
    dimension counts. Returns (pair_id, probability, fold, pair_key, dimension, chosen_id), by pair id, with the
    probability σ(r_rejected - r_chosen) (Northcutt et al. 2021, Confident Learning, section 3.1).
    """
    decided = pairs.filter(~pl.col("tie").fill_null(value=False))
    wrong = 1.0 / (1.0 + (pl.col("chosen") - pl.col("rejected")).exp())
    return (
        decided.select("pair_id", "pair_key", "dimension", "chosen_id")
        .join(rewards, on=["pair_id", "dimension"])
        .select("pair_id", "fold", "pair_key", "dimension", "chosen_id", probability=wrong)
        .sort("pair_id")
    )
