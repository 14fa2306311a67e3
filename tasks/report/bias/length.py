"""Length bias: how often the longer of two answers is the chosen one."""

from __future__ import annotations

import polars as pl

from tasks.report.intervals import with_wilson

_GROUP = ["source", "dimension"]
_BARS = 16
# How far the bars reach to both sides, in doublings: as far as most ratios need, the rest share the outermost bars.
_REACHES = (0.5, 1.0, 2.0, 4.0)
_MOST = 0.95


def length_bias(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count, by source and dimension, the pairs whose longer answer was chosen, with its share and interval.

    `pairs` has source, dimension, tie, chosen_chars and rejected_chars. `decided` are the pairs that are no tie and
    whose answers differ in length; only they can tell. Pairs without texts are not counted at all.
    """
    texts = pairs.drop_nulls(["chosen_chars", "rejected_chars"])
    is_decided = ~pl.col("tie") & (pl.col("chosen_chars") != pl.col("rejected_chars"))
    counted = texts.group_by(_GROUP).agg(
        pairs=pl.len().cast(pl.Int64),
        decided=is_decided.sum().cast(pl.Int64),
        longer=(is_decided & (pl.col("chosen_chars") > pl.col("rejected_chars"))).sum().cast(pl.Int64),
        chosen_median=pl.col("chosen_chars").filter(~pl.col("tie")).median(),
        rejected_median=pl.col("rejected_chars").filter(~pl.col("tie")).median(),
    )
    return with_wilson(counted, "longer", "decided").sort(_GROUP)


def length_ratios(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count the pairs that are no tie by log2 of chosen over rejected length, in 16 bars around 0.

    Returns `start` and `end` of each bar, and `pairs`; the outermost bars also hold what lies beyond them.
    """
    told = pairs.filter(~pl.col("tie")).drop_nulls(["chosen_chars", "rejected_chars"])
    ratios = told.select(ratio=((pl.col("chosen_chars") + 1) / (pl.col("rejected_chars") + 1)).log(2))["ratio"]
    far = ratios.abs().quantile(_MOST) or 0.0
    reach = next((each for each in _REACHES if each >= far), _REACHES[-1])
    width = 2 * reach / _BARS
    placed = ((ratios + reach) / width).floor().clip(0, _BARS - 1).cast(pl.Int64).alias("at").to_frame()
    counted = placed.group_by("at").agg(pairs=pl.len().cast(pl.Int64))
    every = pl.DataFrame({"at": range(_BARS)}, schema={"at": pl.Int64}).join(counted, on="at", how="left")
    start = pl.col("at") * width - reach
    return every.sort("at").select(start=start, end=start + width, pairs=pl.col("pairs").fill_null(0))
