"""Histograms of lengths, on a scale on which twice as long is always as far."""

from __future__ import annotations

import polars as pl

_BARS_OF_A_DECADE = 6


def length_histogram(lengths: pl.DataFrame) -> pl.DataFrame:
    """Count each column's values in bars of a sixth of a decade: `start` of the bar, and a column for each column.

    Texts of length 0 are in the first bar, which starts at 1.
    """
    parts = [_counted(lengths[name]) for name in lengths.columns]
    if all(part.is_empty() for part in parts):
        return pl.DataFrame(schema={"start": pl.Float64, **dict.fromkeys(lengths.columns, pl.Int64)})
    last = max(max(part["at"], default=0) for part in parts)
    every = pl.DataFrame({"at": range(last + 1)}, schema={"at": pl.Int64})
    for part in parts:
        every = every.join(part, on="at", how="left")
    return every.sort("at").select(
        (10.0 ** (pl.col("at") / _BARS_OF_A_DECADE)).alias("start"), pl.col(lengths.columns).fill_null(0)
    )


def _counted(lengths: pl.Series) -> pl.DataFrame:
    at = (lengths.drop_nulls().clip(1).log10() * _BARS_OF_A_DECADE + 1e-9).floor().cast(pl.Int64)
    return at.alias("at").to_frame().group_by("at").agg(pl.len().cast(pl.Int64).alias(lengths.name))
