"""Whether a model's probabilities mean what they say, and its other numbers."""

from __future__ import annotations

import polars as pl

from flows.report.charts.panels import MOST_PANELS, Axis, Curve, Panel, Point, panels
from flows.report.parts import Figure, Table
from flows.report.wording import MISSING, name, percent

_NAMES = {"ece": "ECE", "ace": "ACE", "mce": "MCE", "length_correlation": "follows length", "kl": "KL",
          "kl_per_token": "KL per token", "response_tokens": "tokens of answers"}  # fmt: skip
_QUARTERS = [(0.0, "0%"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1.0, "100%")]
_HEIGHT = 190.0
_LARGEST = 7.0


def calibration(kind: str, told: pl.DataFrame) -> list[Figure]:
    """Draw the reliability diagram of each dimension, above its numbers besides accuracy; nothing if it has none."""
    numbers = told.filter(~pl.col("metric").str.starts_with("accuracy") & (pl.col("metric") != "reliability"))
    bins = told.filter(pl.col("metric") == "reliability")
    if numbers.is_empty() and bins.is_empty():
        return []
    drawn = [_panel(str(dimension), group) for (dimension,), group in bins.group_by("dimension", maintain_order=True)]
    cut = f" The first {MOST_PANELS} of {len(drawn)} are drawn." if len(drawn) > MOST_PANELS else ""
    chart = panels(drawn, "Observed by predicted shares", across=3, height=_HEIGHT) if drawn else None
    metrics = [*[each for each in _NAMES if each in numbers["metric"]],
               *sorted(set(numbers["metric"]) - _NAMES.keys())]  # fmt: skip
    rows = [
        [name(str(dimension)), *[_number(group, metric) for metric in metrics]]
        for (dimension,), group in numbers.group_by("dimension", maintain_order=True)
    ]
    says = (
        f"Of the pairs that the model calls 70% sure, 70% should be right: dots on the line say so, and larger dots "
        f"hold more pairs.{cut}"
        if drawn
        else "What else was measured on the test pairs."
    )
    return [
        Figure(
            f"{kind}: what its probabilities mean" if drawn else f"{kind}: further numbers",
            says,
            chart=chart,
            table=Table(["dimension", *[_NAMES.get(each, name(each)) for each in metrics]], rows),
            source=_source(metrics),
        )
    ]


def _source(metrics: list[str]) -> str:
    said = {
        "ece": "ECE, ACE and MCE: the mean gap between dots and line, weighted by pairs and not, and the largest "
        "(Naeini et al. 2015); each pair is seen from both sides.",
        "length_correlation": "Follows length: Spearman's correlation of rewards and numbers of characters.",
        "kl": "KL: how far the model moved from the one it started from, in nats of an answer.",
    }
    return " ".join(text for metric, text in said.items() if metric in metrics)


def _panel(dimension: str, bins: pl.DataFrame) -> Panel:
    ordered = bins.drop_nulls(["value", "baseline"]).sort("baseline")
    most = max([1, *ordered["n"].to_list()])
    points = [
        Point(
            row["baseline"], row["value"],
            f"said {percent(row['baseline'])}, was {percent(row['value'])}, {row['n']:,} cases",
            2.0 + (_LARGEST - 2.0) * (row["n"] / most) ** 0.5,
        )
        for row in ordered.iter_rows(named=True)
    ]  # fmt: skip
    said, was = Axis(0.0, 1.0, _QUARTERS, "predicted share"), Axis(0.0, 1.0, _QUARTERS, "observed")
    return Panel(name(dimension), [Curve("accent", points)], said, was, diagonal=True)


def _number(group: pl.DataFrame, metric: str) -> str:
    found = group.filter(pl.col("metric") == metric)["value"].to_list()
    return f"{found[0]:,.3g}" if found and found[0] is not None else MISSING
