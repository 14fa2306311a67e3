"""Labels that may be wrong: how many, where, and the most doubtful pairs side by side."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl

from flows.report.charts.columns import Column, columns
from flows.report.parts import Example, Figure, Row, Side, Table
from flows.report.wording import cut, group_name, percent, visible
from tasks.report.words import Run
from warehouse.database import Warehouse

_ABOVE = (0.5, 0.7, 0.9)
_MOST = 10
_LONGEST_TEXT = 1200
_BARS = 20
_COUNTS = """
    select source, pairs.dimension, count(*) as judged, count(*) filter (probability > 0.5) as half,
    count(*) filter (probability > 0.7) as most, count(*) filter (probability > 0.9) as nearly
    from suspects join pairs using (pair_id) where kept group by all order by judged desc, source, pairs.dimension"""
_BINS = """
    select least(floor(probability * $bars), $bars - 1)::int as bin, count(*) as n
    from suspects join pairs using (pair_id) where kept group by all"""
_WORST = """
    select pair_id, probability, source, pairs.dimension, prompt, chosen, rejected, n_votes, agreement
    from suspects join pairs using (pair_id) where kept order by probability desc, pair_id limit $most"""


class Doubts(NamedTuple):
    """Kept pairs that a model judged unseen, how many of their labels it doubts, and both by source and dimension."""

    judged: int
    many: int
    counts: pl.DataFrame


def doubtful(opened: Warehouse) -> Doubts | None:
    """Count the doubtful labels of a snapshot, or nothing if nobody looked for them."""
    counts = opened.sql(_COUNTS)
    if counts.is_empty():
        return None
    return Doubts(int(counts["judged"].sum()), int(counts["half"].sum()), counts)


def suspects(opened: Warehouse, doubts: Doubts) -> Figure:
    """Show how doubtful labels are, and the ten that are most so."""
    by_bin = dict(opened.sql(_BINS, {"bars": _BARS}).iter_rows())
    bars = [
        Column(f"{at / _BARS:.0%} to {(at + 1) / _BARS:.0%}", by_bin.get(at, 0), _mark(at),
               "dropped" if at >= _BARS / 2 else "accent")
        for at in range(_BARS)
    ]  # fmt: skip
    rows: list[Row] = [
        [group_name(source, dimension), f"{judged:,}", *[f"{n:,}" for n in above], percent(above[0] / judged)]
        for source, dimension, judged, *above in doubts.counts.iter_rows()
    ]
    heads = [f"above {share:.0%}" for share in _ABOVE]
    return Figure(
        "Labels that may be wrong",
        f"A model that saw neither the pair nor its relatives judged {doubts.judged:,} labels and holds {doubts.many:,}"
        " of them for more likely wrong than right. It may itself be wrong, above all where length decides; the "
        f"{min(_MOST, doubts.judged)} most doubtful pairs are below.",
        chart=columns(bars, "Pairs by the probability that their label is wrong", middle=True),
        legend=[("accent", "probably right"), ("dropped", "probably wrong")],
        table=Table(["source", "judged", *heads, "share above 50%"], rows),
        examples=[_example(row) for row in opened.sql(_WORST, {"most": _MOST}).to_dicts()],
        source="Out of fold, by whole components (Northcutt et al. 2021).",
    )


def _mark(at: int) -> str | None:
    return f"{at / _BARS:.0%}" if at % (_BARS // 4) == 0 else None


def _example(row: dict[str, Any]) -> Example:
    votes = f", {row['n_votes']:,} votes" if row["n_votes"] and row["n_votes"] > 1 else ""
    return Example(
        f"{percent(row['probability'])} likely wrong · {group_name(row['source'], row['dimension'])}{votes} · pair "
        f"{row['pair_id'][:12]}",
        [Side("labelled better", _text(row["chosen"])), Side("labelled worse", _text(row["rejected"]))],
        cut(visible(row["prompt"] or "")),
    )


def _text(text: str | None) -> list[Run]:
    return [Run(cut(visible(text or ""), _LONGEST_TEXT), is_different=False)]
