"""How well labels are told, label by label, beside chance and beside what their texts alone say."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from flows.report.charts.forest import MOST_LINES, SHARES, Estimate, forest
from flows.report.parts import Cell, Figure, Row, Table
from flows.report.wording import MISSING, interval, name, percent, plural

_RARE: Final = "too_few_positives"
_OF_LABELS: Final = ("average_precision", "precision", "recall", "f1", "positives")
_OF_ALL: Final = ("macro_average_precision", "macro_f1", "micro_f1", "is_safe_accuracy")
# What is shown here and nowhere else.
SHOWN: Final = frozenset([*_OF_LABELS, *_OF_ALL, *(f"{each}_of_text" for each in (*_OF_LABELS, *_OF_ALL)), _RARE])
_NAMES: Final = {
    "macro_average_precision": "average precision, mean of labels", "macro_f1": "F1, mean of labels",
    "micro_f1": "F1, all labels counted together", "is_safe_accuracy": "safe or not: right",
}  # fmt: skip


def moderation(kind: str, told: pl.DataFrame) -> list[Figure]:
    """Show the rows of a moderation, or nothing if there are none."""
    by_label = {each: _by_dimension(told, each) for each in _OF_LABELS}
    judged, rare = by_label["average_precision"], _by_dimension(told, _RARE)
    if not judged and not rare:
        return []
    of_text = _by_dimension(told, "average_precision_of_text")
    ordered = sorted(judged, key=lambda label: (-(judged[label]["value"] or 0.0), label))
    gone = (
        f" {plural(len(rare), 'label')} with too few positives: {', '.join(map(name, sorted(rare)))}." if rare else ""
    )
    lines = [_estimate(label, judged[label], by_label["positives"]) for label in ordered][:MOST_LINES]
    rows = [_row(label, by_label, of_text.get(label)) for label in ordered]
    labels = Figure(
        f"{kind}: how well labels are told",
        "Dots are the average precision on test items, with 95% intervals; diamonds are what chance reaches. In "
        f"brackets the number of items with the label.{gone}",
        chart=forest(lines, SHARES, f"Average precision of the {kind} by label") if lines else None,
        legend=[("accent", "the model"), ("beside", "chance")] if lines else [],
        table=Table(
            ["label", "with it", "average precision", "95% interval", "texts alone", "precision", "recall", "F1"], rows
        ),
        source="Interval: bootstrap of whole components. Precision, recall and F1 at the threshold with the best F1 on "
        "held-out items.",
    )
    return [labels, _together(kind, told)]


def _together(kind: str, told: pl.DataFrame) -> Figure:
    rows: list[Row] = []
    for metric in _OF_ALL:
        found, alone = (_whole(told, each) for each in (metric, f"{metric}_of_text"))
        if found is not None:
            rows.append([
                _NAMES[metric], _percent(found), interval(found["low"], found["high"]),
                MISSING if alone is None else _percent(alone), f"{found['n']:,}",
            ])  # fmt: skip
    return Figure(
        f"{kind}: all labels together",
        "Labels with too few positives are part of no mean. An item is called safe if no label is called, and is safe "
        "if none of all its labels is true.",
        table=Table(["number", "value", "95% interval", "texts alone", "test items"], rows),
    )


def _by_dimension(told: pl.DataFrame, metric: str) -> dict[str, dict[str, Any]]:
    return {row["dimension"]: row for row in told.filter(pl.col("metric") == metric).iter_rows(named=True)}


def _whole(told: pl.DataFrame, metric: str) -> dict[str, Any] | None:
    rows = told.filter(pl.col("metric") == metric).rows(named=True)
    return rows[0] if rows else None


def _estimate(label: str, row: dict[str, Any], positives: dict[str, dict[str, Any]]) -> Estimate:
    shown = f"{name(label)} ({positives[label]['value']:,.0f})"
    says = f"chance {percent(row['baseline'])}"
    return Estimate(
        shown, row["value"], row["low"], row["high"], _percent(row), "accent", row["baseline"], says
    )  # fmt: skip


def _row(label: str, by_label: dict[str, dict[str, dict[str, Any]]], of_text: dict[str, Any] | None) -> Row:
    found = by_label["average_precision"][label]
    return [
        name(label), f"{by_label['positives'][label]['value']:,.0f}", Cell(_percent(found), found["value"]),
        interval(found["low"], found["high"]), MISSING if of_text is None else _percent(of_text),
        *[_percent(by_label[each][label]) for each in ("precision", "recall", "f1")],
    ]  # fmt: skip


def _percent(row: dict[str, Any]) -> str:
    return MISSING if row["value"] is None else percent(row["value"])
