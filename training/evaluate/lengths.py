"""What length alone explains: the baseline beside every accuracy."""

from __future__ import annotations

import numpy as np
import polars as pl

# How many times as long the longer response may be to fall into a bin.
_BINS = {"equal": 1.0, "to 1.25 times": 1.25, "to 2 times": 2.0, "to 4 times": 4.0}
_BEYOND = "over 4 times"
# From the smallest to the largest gap.
LENGTH_BINS = (*_BINS, _BEYOND)


def longer_wins(train: pl.DataFrame) -> float:
    """Learn from pairs (chosen_length, rejected_length) which length wins: 1.0 the longer, -1.0 the shorter, 0.0 none.

    A length is what the two sides of a pair can be compared by: characters, milliseconds or pixels.
    """
    if train.is_empty():
        return 0.0
    return float(np.sign(train.select(length_gap().sign().mean()).item() or 0.0))


def length_gap() -> pl.Expr:
    """Return by how much the chosen response is longer; 0 where one of them has no length."""
    gap = pl.col("chosen_length").cast(pl.Float64) - pl.col("rejected_length").cast(pl.Float64)
    return gap.fill_null(0.0)


def length_bin() -> pl.Expr:
    """Name the bin of how many times the longer response of a pair is as long as the shorter."""
    shorter = pl.min_horizontal("chosen_length", "rejected_length").clip(lower_bound=1)
    times = (pl.max_horizontal("chosen_length", "rejected_length") / shorter).fill_null(1.0)
    found = pl.lit(_BEYOND)
    for label, most in reversed(_BINS.items()):
        found = pl.when(times <= most).then(pl.lit(label)).otherwise(found)
    return found


def length_correlation(rewards: pl.Series, lengths: pl.Series) -> float:
    """Return Spearman's rank correlation of rewards and lengths; NaN where one of them does not vary."""
    frame = pl.DataFrame({"reward": rewards, "length": lengths}).drop_nulls()
    found = frame.select(pl.corr("reward", "length", method="spearman")).item()
    return float("nan") if found is None else float(found)
