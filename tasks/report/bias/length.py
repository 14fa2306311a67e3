"""Length bias: how often the longer of two answers is the chosen one."""

from __future__ import annotations

import polars as pl

from tasks.report.intervals import with_wilson

_GROUP = ["source", "dimension"]
# Ratios beyond 16 share the outermost bars.
_WIDEST = 4.0
_BAR = 0.5


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
    """Count the pairs that are no tie by log2 of chosen over rejected length: `start` of each bar of 0.5, `pairs`."""
    ratio = ((pl.col("chosen_chars") + 1) / (pl.col("rejected_chars") + 1)).log(2)
    bars = int(2 * _WIDEST / _BAR)
    told = pairs.filter(~pl.col("tie")).drop_nulls(["chosen_chars", "rejected_chars"])
    placed = told.select(at=((ratio + _WIDEST) / _BAR).floor().clip(0, bars - 1).cast(pl.Int64))
    counted = placed.group_by("at").agg(pairs=pl.len().cast(pl.Int64))
    every = pl.DataFrame({"at": range(bars)}, schema={"at": pl.Int64}).join(counted, on="at", how="left")
    return every.sort("at").select(start=pl.col("at") * _BAR - _WIDEST, pairs=pl.col("pairs").fill_null(0))
