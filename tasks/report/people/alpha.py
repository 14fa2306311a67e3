"""Krippendorff's alpha: agreement beyond chance, for any number of judges and with judgments missing.

Krippendorff, K. (2011), Computing Krippendorff's Alpha-Reliability; (2018), Content Analysis, 4th edition, chapter 12.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import polars as pl

from tasks.report.intervals import Z95

Metric = Literal["nominal", "ordinal", "interval"]
_FEWEST_UNITS = 10


class Alpha(NamedTuple):
    """`value` is 1 for perfect agreement and 0 for chance; null, with `why`, where it is not defined.

    `low` and `high` are its 95% interval by the jackknife over units, null for fewer than 10 units. `agreement` is the
    share of equal pairs of values, chance included. `units` and `values` count what could be paired.
    """

    metric: Metric
    value: float | None
    low: float | None
    high: float | None
    agreement: float | None
    units: int
    values: int
    why: str | None


def alpha(counts: pl.DataFrame, metric: Metric) -> Alpha:
    """Compute alpha of `counts`: how many judges (`n`) gave a `unit` the `value`; values are numbers unless nominal.

    Units with fewer than two values cannot be paired and do not count. The sums are those of the coincidence matrix:
    a unit adds, for every two of its values, their squared difference over its number of values less one.
    """
    paired = counts.filter(pl.col("n") > 0, pl.col("n").sum().over("unit") >= 2)
    if paired.is_empty():
        return Alpha(metric, None, None, None, None, 0, 0, "one vote per pair: no agreement can be computed")
    units = _by_unit(paired, metric)
    observed, total = float(units["observed"].sum()), int(units["n"].sum())
    agreement = 1.0 - float(units["unequal"].sum()) / total
    expected = _expected(units, metric)
    if expected <= 0.0:
        why = "all votes are the same: agreement beyond chance is not defined"
        return Alpha(metric, None, None, None, agreement, units.height, total, why)
    value = 1.0 - (total - 1) * observed / expected
    low, high = _jackknife(units, metric, value)
    return Alpha(metric, value, low, high, agreement, units.height, total, None)


def _by_unit(paired: pl.DataFrame, metric: Metric) -> pl.DataFrame:
    """Sum each unit: `observed` and `unequal` are what it adds to the disagreement, the rest is for that of chance."""
    n, x = pl.col("n").cast(pl.Float64), pl.col("x")
    of_value = paired.group_by("value").agg(whole=pl.col("n").sum().cast(pl.Float64)).sort("value")
    # The ordinal difference of two ranks is the difference of their middles in the cumulated counts.
    middle = (pl.col("whole").cum_sum() - pl.col("whole") / 2) if metric == "ordinal" else pl.col("value")
    number = pl.lit(0.0) if metric == "nominal" else middle.cast(pl.Float64)
    scored = paired.join(of_value.with_columns(x=number), on="value")
    # Differences do not depend on where zero is, and squares of small numbers lose nothing.
    centred = scored.with_columns(x=x - (x * n).sum() / n.sum())
    summed = centred.group_by("unit").agg(
        n=n.sum(), own=(n**2).sum(), across=(n * pl.col("whole")).sum(), s1=(n * x).sum(), s2=(n * x**2).sum()
    )
    unequal = (pl.col("n") ** 2 - pl.col("own")) / (pl.col("n") - 1)
    apart = 2 * (pl.col("n") * pl.col("s2") - pl.col("s1") ** 2) / (pl.col("n") - 1)
    return summed.with_columns(
        observed=unequal if metric == "nominal" else apart, unequal=unequal, squares=(of_value["whole"] ** 2).sum()
    ).sort("unit")


def _expected(units: pl.DataFrame, metric: Metric) -> float:
    """Sum the squared differences of every two values, whatever their unit."""
    total = float(units["n"].sum())
    if metric == "nominal":
        return float(total**2 - units["squares"][0])
    return 2 * (total * float(units["s2"].sum()) - float(units["s1"].sum()) ** 2)


def _jackknife(units: pl.DataFrame, metric: Metric, value: float) -> tuple[float | None, float | None]:
    """Leave out one unit at a time; ordinal ranks stay where all units put them."""
    if units.height < _FEWEST_UNITS:
        return None, None
    rest = {name: pl.col(name).sum() - pl.col(name) for name in ("n", "s1", "s2", "observed")}
    if metric == "nominal":
        expected = rest["n"] ** 2 - (pl.col("squares") - 2 * pl.col("across") + pl.col("own"))
    else:
        expected = 2 * (rest["n"] * rest["s2"] - rest["s1"] ** 2)
    without = units.select(alpha=pl.when(expected > 0).then(1.0 - (rest["n"] - 1) * rest["observed"] / expected))
    known = without["alpha"].drop_nulls()
    spread = float(((known - known.mean()) ** 2).sum() * (known.len() - 1) / known.len()) ** 0.5
    return max(value - Z95 * spread, -1.0), min(value + Z95 * spread, 1.0)
