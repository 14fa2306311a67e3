"""How often a model prefers what people preferred, beside what length alone reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl

from flows.report.charts.forest import MOST_LINES, SHARES, Estimate, forest
from flows.report.parts import Cell, Figure, Row, Table
from flows.report.wording import MISSING, interval, name, percent

_BINS = {
    "equal": "equally long",
    "to 1.25 times": "up to 1.25\u00d7 as long",
    "to 2 times": "up to 2\u00d7 as long",
    "to 4 times": "up to 4\u00d7 as long",
    "over 4 times": "over 4\u00d7 as long",
}
# The same model without what was done for it.
_BEFORE = {"accuracy_untuned": "untuned", "accuracy_untrained": "untrained"}
_MOST_SOURCES = 12


class Headline(NamedTuple):
    """Accuracy and length alone, by dimension, and whether every interval lies above what length alone reaches."""

    values: list[float]
    baselines: list[float]
    beats_length: bool


def headline(told: pl.DataFrame) -> Headline | None:
    """Sum up the rows of one training, or nothing if it was judged on no pair."""
    whole = _whole(told, "accuracy").drop_nulls(["value", "baseline"])
    if whole.is_empty():
        return None
    beats = whole["low"].is_not_null() & (whole["low"] > whole["baseline"])
    return Headline(whole["value"].to_list(), whole["baseline"].to_list(), bool(beats.all()))


def accuracy(kind: str, told: pl.DataFrame) -> Figure:
    """Show the rows `accuracy*` of one training, by dimension: all pairs, sources, and bins of lengths."""
    title = f"{kind}: how often it is right"
    whole = _whole(told, "accuracy").sort("n", "dimension", descending=[True, False])
    if whole.is_empty():
        return Figure(title, "No test pair has a winner, so the accuracy cannot be computed.")
    before = [metric for metric in _BEFORE if metric in told["metric"]]
    estimates: list[Estimate] = []
    for dimension in whole["dimension"]:
        lines = list(_lines(told.filter(pl.col("dimension") == dimension), before))
        if len(whole) > 1:
            lines.insert(0, Estimate(name(dimension), None, None, None, ""))
        if estimates and len(estimates) + len(lines) > MOST_LINES:
            continue
        estimates += lines
    rows = [_row(row, told, before) for row in whole.iter_rows(named=True)]
    return Figure(
        title,
        "Dots are the share of test pairs whose chosen answer gets the higher reward, with 95% intervals; diamonds are "
        "what length alone reaches on the same pairs. Where the interval covers the diamond, the model may have learnt "
        "length. In brackets the number of pairs.",
        chart=forest(estimates, SHARES, f"Accuracy of the {kind}, with intervals, and of length alone"),
        legend=[("accent", "the model"), *([("merged", _name_before(before))] if before else []),
                ("beside", "length alone")],
        table=Table(
            ["dimension", "test pairs", "right", "95% interval", "length alone", *[_BEFORE[each] for each in before]],
            rows,
        ),
        source="Interval: bootstrap of whole components, so that pairs which share prompts are drawn together (Field "
        "and Welsh 2007). Length alone takes always the longer, or always the shorter answer, whichever won more often "
        "in training. Ties are left out.",
    )  # fmt: skip


def _name_before(before: list[str]) -> str:
    return " or ".join(f"the same model {_BEFORE[each]}" for each in before)


def _lines(of_dimension: pl.DataFrame, before: list[str]) -> Iterator[Estimate]:
    accuracies = of_dimension.filter(pl.col("metric") == "accuracy")
    for row in _whole(of_dimension, "accuracy").iter_rows(named=True):
        yield _estimate("all", row)
    for metric in before:
        for row in _whole(of_dimension, metric).iter_rows(named=True):
            yield _estimate(_BEFORE[metric], row, "merged")
    sources = accuracies.filter(pl.col("source").is_not_null()).sort("n", "source", descending=[True, False])
    for row in sources.head(_MOST_SOURCES).iter_rows(named=True):
        yield _estimate(name(row["source"]), row)
    bins = accuracies.filter(pl.col("bin").is_not_null())
    for key, label in _BINS.items():
        for row in bins.filter(pl.col("bin") == key).iter_rows(named=True):
            yield _estimate(label, row)


def _estimate(label: str, row: dict[str, Any], tone: str = "accent") -> Estimate:
    says = f"length alone {percent(row['baseline'])}"
    return Estimate(
        f"{label} ({row['n']:,})", row["value"], row["low"], row["high"], percent(row["value"]), tone,
        row["baseline"], says,
    )  # fmt: skip


def _row(row: dict[str, Any], told: pl.DataFrame, before: list[str]) -> Row:
    found = []
    for metric in before:
        same = _whole(told, metric).filter(pl.col("dimension") == row["dimension"])["value"]
        found.append(percent(same[0]) if len(same) else MISSING)
    return [
        name(row["dimension"]), f"{row['n']:,}", Cell(percent(row["value"]), row["value"]),
        interval(row["low"], row["high"]), Cell(percent(row["baseline"]), row["baseline"], "beside"), *found,
    ]  # fmt: skip


def _whole(told: pl.DataFrame, metric: str) -> pl.DataFrame:
    return told.filter((pl.col("metric") == metric) & pl.col("source").is_null() & pl.col("bin").is_null())
