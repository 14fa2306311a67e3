"""Position bias: how often the answer that a row lists first is the one its judgments prefer."""

from __future__ import annotations

import polars as pl

from tasks.report.intervals import coin_test, with_wilson

_GROUP = ["source", "dimension"]


def position_bias(judgments: pl.DataFrame) -> pl.DataFrame:
    """Count, by source and dimension, the rows whose judgments prefer the first answer, and test that against chance.

    `judgments` has source, dimension, pair_id, votes_left, votes_right and first_is_left. Votes on one row depend on
    each other, so a row is one observation: its majority. Rows that are even say nothing. `log10_p` is the logarithm
    of the p-value of the exact two-sided binomial test.
    """
    lean = (pl.col("votes_left") - pl.col("votes_right")).sum().sign()
    rows = judgments.group_by(*_GROUP, "pair_id").agg(lean=lean, first_is_left=pl.col("first_is_left").first())
    told = rows.filter(pl.col("lean") != 0, pl.col("first_is_left").is_not_null())
    counted = told.group_by(_GROUP).agg(
        rows=pl.len().cast(pl.Int64), first=((pl.col("lean") > 0) == pl.col("first_is_left")).sum().cast(pl.Int64)
    )
    tested = [coin_test(first, n) for first, n in counted.select("first", "rows").iter_rows()]
    return (
        with_wilson(counted, "first", "rows")
        .with_columns(log10_p=pl.Series(tested, dtype=pl.Float64))
        .sort("source", "dimension")
    )
