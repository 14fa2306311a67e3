"""Ties: how often people say that neither answer is better, or that both are bad."""

from __future__ import annotations

import polars as pl

_GROUP = ["source", "dimension"]
_VOTES = ["votes_left", "votes_right", "votes_tie", "votes_bad"]


def ties(judgments: pl.DataFrame) -> pl.DataFrame:
    """Count the votes by source and dimension: `votes`, and of them `ties` and `both_bad`, with `tie_share`."""
    counted = judgments.group_by(_GROUP).agg(
        votes=pl.sum_horizontal(_VOTES).sum().round().cast(pl.Int64),
        ties=pl.col("votes_tie").sum().round().cast(pl.Int64),
        both_bad=pl.col("votes_bad").sum().round().cast(pl.Int64),
    )
    return counted.with_columns(tie_share=pl.when(pl.col("votes") > 0).then(pl.col("ties") / pl.col("votes"))).sort(
        _GROUP
    )
