"""The chapter on annotators, who appear under their pseudonyms only."""

from __future__ import annotations

import polars as pl

from flows.report.charts.columns import Column, columns
from flows.report.material import Material
from flows.report.parts import Fact, Figure, Section, Table
from flows.report.wording import name, percent, plural
from tasks.report.people.annotators import BARS, FEWEST_VOTES, spread_of_agreement, standing_out

_HABITS = {
    "agrees": "agrees with the others",
    "first": "prefers what is listed first",
    "longer": "prefers the longer answer",
}
_MARKED = 5
_MOST = 12


def annotators(material: Material) -> Section:
    """Show how the agreement of single annotators is spread, and who stands out."""
    people = material.annotators
    outstanding = standing_out(people)
    number = outstanding["annotator_id"].n_unique()
    told = f"{number:,} {'stands' if number == 1 else 'stand'} out" if number else "nobody stands out"
    return Section(
        "annotators",
        "Annotators",
        "A few careless or biased people can spoil many pairs; agreement finds the careless, habits find those who go "
        "by position or length.",
        [_spread(people), _outstanding(people, outstanding)],
        [Fact("annotators", f"{people.height:,}", told if people.height else "the sources name nobody")],
    )


def _spread(people: pl.DataFrame) -> Figure:
    title = "How often each annotator agrees with the others"
    spread = spread_of_agreement(people)
    counted = int(spread["people"].sum())
    if not counted:
        why = "the sources name no annotators" if people.is_empty() else (
            f"no annotator judged {FEWEST_VOTES} pairs that others judged too"
        )  # fmt: skip
        return Figure(title, f"This cannot be computed: {why}.")
    bars = []
    for at, (start, n) in enumerate(spread.iter_rows()):
        mark = f"{start:.0%}" if at % _MARKED == 0 else None
        bars.append(Column(f"{start:.0%} to {start + 1 / BARS:.0%}", n, mark, "accent" if start >= 0.5 else "dropped"))
    below = int(spread.filter(pl.col("start") < 0.5)["people"].sum())
    return Figure(
        title,
        f"Of {plural(counted, 'annotator')} with at least {FEWEST_VOTES} comparable votes, {below:,} agree with the "
        "majority of the others less than half of the time, which is worse than a coin.",
        chart=columns(bars, "Annotators by how often they agree with the others"),
        legend=[("accent", "half of the time or more"), ("dropped", "less")],
    )


def _outstanding(people: pl.DataFrame, outstanding: pl.DataFrame) -> Figure:
    title = "Who stands out"
    if outstanding.is_empty():
        why = "Nobody is named." if people.is_empty() else "Nobody is further from the rest than chance allows."
        return Figure(title, why)
    rows = [
        [each["annotator_id"], name(each["source"]), _HABITS[each["habit"]], percent(each["share"]),
         percent(each["usual"]), f"{each['votes']:,}", f"{each['z']:+.1f}"]
        for each in outstanding.head(_MOST).iter_rows(named=True)
    ]  # fmt: skip
    furthest = (
        f" The {_MOST} furthest of {outstanding.height:,} habits are shown." if outstanding.height > _MOST else ""
    )
    return Figure(
        title,
        "These people are at least 10 points and 3 standard errors from the mean of their source, where chance alone "
        "puts 3 in 1,000; a rule on judgments such as `annotator_agreement < 0.4 and annotator_votes >= 20` takes "
        f"their votes out.{furthest}",
        table=Table(["annotator", "source", "habit", "share", "usual", "votes", "standard errors"], rows, texts=3),
    )
