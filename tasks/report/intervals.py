"""How sure a share is: Wilson's score interval, and the exact test against a fair coin."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

# The standard normal quantile of a two-sided interval of 95%.
Z95 = 1.959963984540054


def with_wilson(counted: pl.DataFrame, hits: str, trials: str) -> pl.DataFrame:
    """Add `share`, `low` and `high`: the share of hits and its 95% score interval (Wilson 1927); null of no trials."""
    n = pl.col(trials).cast(pl.Float64)
    share = pl.when(n > 0).then(pl.col(hits) / n)
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    reach = Z95 / (1 + Z95**2 / n) * (share * (1 - share) / n + Z95**2 / (4 * n**2)).sqrt()
    return counted.with_columns(share=share, low=(middle - reach).clip(0.0, 1.0), high=(middle + reach).clip(0.0, 1.0))


def coin_test(hits: int, trials: int) -> float:
    """Return log10 of the p-value of `hits` in `trials` throws of a fair coin: exact, two-sided binomial test.

    A logarithm, because the p-value of a large bias is too small for a float.
    """
    tail = min(hits, trials - hits)
    # The outcomes as likely as this one, or less, are the two tails; where they meet they are everything.
    if trials == 0 or 2 * tail == trials:
        return 0.0
    # C(n, k) for k = 0 … tail, each from the one before it.
    k = np.arange(1, tail + 1, dtype=np.float64)
    logs = np.concatenate([[0.0], np.cumsum(np.log(trials - k + 1) - np.log(k))]) - trials * math.log(2)
    largest = float(logs[-1])
    both_tails = math.log(2) + largest + math.log(float(np.exp(logs - largest).sum()))
    return min(both_tails / math.log(10), 0.0)
