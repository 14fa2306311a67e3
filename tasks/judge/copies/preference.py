"""Which of several pairs is kept rather than the others."""

from __future__ import annotations

from typing import Literal

import polars as pl

Keep = Literal["first", "most_votes", "longest"]


def by_preference(pairs: pl.DataFrame, responses: pl.LazyFrame, keep: Keep) -> pl.DataFrame:
    """Sort `pairs` so that the best comes first, and add the number it is preferred by as `preference`.

    `keep` says which is the best: the first (source in the plan's order, then record id), the one whose own record has
    most votes, or the one with the longest answers.
    """
    if keep == "longest":
        size = responses.group_by("record_id").agg(preference=pl.col("text").str.len_chars().sum().cast(pl.Float64))
        pairs = pairs.join(size.collect(), on="record_id", how="left")
    else:
        pairs = pairs.with_columns(preference=pl.col("own_votes") if keep == "most_votes" else pl.lit(0.0))
    return pairs.sort("is_outvoted", -pl.col("preference"), "rank", "record_id", "pair_id")
