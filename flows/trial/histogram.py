"""A small histogram of a column: how many rows lie where, and how many of them a rule fires for."""

from __future__ import annotations

import math

import polars as pl

BINS = 10
_SHAPE = pl.Schema({"label": pl.String, "rows": pl.Int64, "would_drop": pl.Int64})


def histogram(values: pl.Series, fires: pl.Series) -> pl.DataFrame:
    """Count `rows` and `would_drop` for each `label`: a value, or a range with its end left out.

    Nulls are not counted. The widest values share the last range.
    """
    frame = pl.DataFrame({"value": values, "fires": fires}).drop_nulls("value")
    if frame.is_empty():
        return pl.DataFrame(schema=_SHAPE)
    if frame["value"].dtype.is_numeric() and frame["value"].n_unique() > BINS:
        return _ranges(frame)
    counted = _counted(frame.with_columns(pl.col("value").alias("bin")))
    ordered = counted.sort("bin") if frame["value"].dtype.is_numeric() else counted.sort("rows", descending=True)
    return ordered.head(BINS).select(pl.col("bin").cast(pl.String).alias("label"), "rows", "would_drop")


def _ranges(frame: pl.DataFrame) -> pl.DataFrame:
    low, width = _scale(frame["value"])
    placed = ((pl.col("value") - low) / width).floor().clip(0, BINS - 1).cast(pl.Int64)
    counted = _counted(frame.with_columns(bin=placed)).sort("bin")
    last = max(counted["bin"])
    every = pl.DataFrame({"bin": range(last + 1)}).join(counted, on="bin", how="left").fill_null(0)
    labels = [_label(low + at * width, None if at == BINS - 1 else low + (at + 1) * width) for at in range(last + 1)]
    return every.select(pl.Series("label", labels), "rows", "would_drop")


def _scale(values: pl.Series) -> tuple[float, float]:
    """Say where the first range begins and how wide each is; shares are always seen between 0 and 1."""
    value = values.cast(pl.Float64)
    low, top = min(value), max(value)
    if values.dtype.is_float() and low >= 0.0 and top <= 1.0:
        return 0.0, 1.0 / BINS
    # A few giants would press everybody else into the first range.
    high = float(value.quantile(0.98, "higher") or 0.0)
    width = (high if high > low else top) - low
    return (low, float(math.ceil(width / BINS))) if values.dtype.is_integer() else (low, width / BINS)


def _counted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("bin").agg(rows=pl.len().cast(pl.Int64), would_drop=pl.col("fires").sum().cast(pl.Int64))


def _label(start: float, end: float | None) -> str:
    return f"{start:,.4g} and more" if end is None else f"{start:,.4g} to {end:,.4g}"
