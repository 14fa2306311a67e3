"""What responses are worth, in every dimension, and from which reward on one counts as just good enough."""

from __future__ import annotations

import polars as pl


def rewards_of_responses(pairs: pl.DataFrame, rewards: pl.DataFrame, split: str, good_enough: float) -> pl.DataFrame:
    """Turn the rewards of pairs (pair_id, fold, dimension, chosen, rejected) into those of their responses, each once.

    Returns (pair_key, response_id, dimension, reward, reference, fold), sorted. The reference of a dimension is the
    quantile `good_enough` of the rewards of all responses in pairs of `split`, in whichever dimension they were judged
    (Wang et al. 2024, Transforming and Combining Rewards, section 3: the 85% quantile).
    """
    about = pairs.select("pair_id", "pair_key", "split", "chosen_id", "rejected_id").join(
        rewards, on="pair_id", maintain_order="left"
    )
    columns = ["pair_key", "dimension", "fold", "split"]
    sides = [about.select(*columns, response_id=f"{side}_id", reward=side) for side in ("chosen", "rejected")]
    # A pair that is judged in several dimensions has several rows, of the same texts.
    each = pl.concat(sides).unique(["pair_key", "response_id", "dimension"], keep="first", maintain_order=True)
    references = (
        each.filter(pl.col("split") == split)
        .group_by("dimension")
        .agg(reference=pl.col("reward").quantile(good_enough, "linear"))
    )
    return (
        each.join(references, on="dimension")
        .select("pair_key", "response_id", "dimension", "reward", "reference", "fold")
        .sort("pair_key", "response_id", "dimension")
    )
