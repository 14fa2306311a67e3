"""How often a model prefers what people preferred, with an interval that knows which pairs belong together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

# Resamples of one interval, and how many of them are held at a time.
RESAMPLES = 2_000
_BLOCK = 50


class Estimate(NamedTuple):
    """A share with its 95% interval, and the number of pairs it was counted on."""

    value: float
    low: float
    high: float
    n: int


def is_right(gap: pl.Expr) -> pl.Expr:
    """Score the gap between the rewards of the chosen and the rejected response: 1 right, 0 wrong, ½ undecided."""
    return (gap.sign() + 1.0) / 2.0


def accuracy(scores: pl.Series, groups: pl.Series, seed: int) -> Estimate:
    """Average `scores`, with the percentile interval of a bootstrap that draws whole `groups`.

    The bootstrap is Efron's (1979), of clusters as in Field and Welsh (2007): pairs of one group share prompts or
    responses, and drawn one by one would make the interval too narrow. With one group there is no interval: both ends
    are NaN. Raises ValueError if there are no pairs.
    """
    if scores.is_empty():
        raise ValueError("no pairs to average")
    sums = pl.DataFrame({"score": scores, "group": groups}).group_by("group").agg(pl.col("score").sum(), n=pl.len())
    ordered = sums.sort("group")
    low, high = _interval(ordered["score"].to_numpy(), ordered["n"].to_numpy(), seed)
    return Estimate(float(scores.mean()), low, high, len(scores))  # type: ignore[arg-type]


def average_precision(scores: NDArray[np.float64], is_wanted: NDArray[np.bool_]) -> float:
    """Average, over the wanted ones, the share of wanted ones among all that score as high; NaN if none is wanted.

    Chance reaches the share of wanted ones. Equal scores are taken together, so their order does not matter.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(is_wanted[order])
    # The last place of each run of equal scores.
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    gained = np.diff(hits[last], prepend=0)
    total = int(hits[-1]) if len(hits) else 0
    return float((gained * hits[last] / (last + 1)).sum() / total) if total else float("nan")


def _interval(sums: NDArray[np.float64], counts: NDArray[np.uint32], seed: int) -> tuple[float, float]:
    size = len(sums)
    if size < 2:
        return float("nan"), float("nan")
    random = np.random.default_rng(seed)
    means = []
    for _ in range(RESAMPLES // _BLOCK):
        drawn = random.multinomial(size, np.full(size, 1.0 / size), size=_BLOCK).astype(np.float64)
        means.append((drawn @ sums) / (drawn @ counts))
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return float(low), float(high)
