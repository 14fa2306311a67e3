"""Rows of `evaluations` that say what another row says."""

from __future__ import annotations

import polars as pl


def without_repeats(evaluations: pl.DataFrame) -> pl.DataFrame:
    """Drop the parts that are the whole: of one source, or one bin of lengths, the row for all pairs says the same.

    `evaluations` are of one training and have (metric, dimension, source, bin, n); rows keep their order.
    """
    is_part = pl.col("source").is_not_null() | pl.col("bin").is_not_null()
    by = ["metric", "dimension"]
    whole = evaluations.filter(~is_part).select(*by, all_pairs="n").unique(by)
    known = evaluations.join(whole, on=by, how="left", maintain_order="left", nulls_equal=True)
    repeats = is_part & (pl.col("metric") != "reliability") & pl.col("n").eq_missing(pl.col("all_pairs"))
    return known.filter(~repeats).drop("all_pairs")
