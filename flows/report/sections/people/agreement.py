"""The chapter on agreement: Krippendorff's alpha of votes and of ratings."""

from __future__ import annotations

import polars as pl
from markupsafe import Markup

from flows.report.charts.forest import Estimate, Scale, forest
from flows.report.material import Material
from flows.report.parts import Fact, Figure, Section, Table
from flows.report.wording import MISSING, group_name, percent
from tasks.report.people.agreement import agreement_of_ratings, agreement_of_votes
from tasks.report.people.alpha import Alpha

_SCALE = Scale(-0.2, 1.0, [(0.0, "0 chance"), (0.667, "0.667"), (0.8, "0.8"), (1.0, "1")], 0.0)
_RELIABLE, _TENTATIVE = 0.8, 0.667
_SOURCE = (
    "Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; (2018), Content Analysis, 4th edition, where 0.8 "
    "is asked for and 0.667 is the least for tentative conclusions. Intervals: jackknife over pairs."
)
Alphas = dict[tuple[str, str], Alpha]


def agreement(material: Material) -> Section:
    """Show how far people agree beyond chance."""
    counted = agreement_of_votes(material.judgments.filter(~pl.col("is_excluded")))
    before = agreement_of_votes(material.judgments) if material.judgments["is_excluded"].any() else {}
    ratings = agreement_of_ratings(material.ratings)
    # An alpha of too few pairs for an interval makes no headline.
    known = [each.value for each in counted.values() if each.value is not None and each.low is not None]
    told = _span(known)
    return Section(
        "agreement",
        "Agreement",
        "People who judge the same two answers do not always agree; what they share beyond chance is the most that a "
        "model can learn from them.",
        [_votes(counted, before), *([_ratings(ratings)] if ratings else [])],
        [_fact(known, told)],
        f"agreement (alpha) is {told}" if known else None,
    )


def _fact(known: list[float], told: str) -> Fact:
    label = "agreement (alpha)"
    if not known:
        return Fact(label, MISSING, "hardly any pair has several votes")
    return Fact(label, told, "1 is perfect, 0 is chance", "good" if min(known) >= _RELIABLE else "look")


def _span(known: list[float]) -> str:
    if not known:
        return MISSING
    low, high = _rounded(min(known)), _rounded(max(known))
    return low if low == high else f"{low} to {high}"


def _rounded(value: float) -> str:
    # Adding zero takes the sign from a negative one.
    return f"{round(value, 2) + 0.0:.2f}"


def _votes(counted: Alphas, before: Alphas) -> Figure:
    title = "Agreement of votes"
    if not counted:
        return Figure(title, "There are no votes between two different answers: no agreement can be computed.")
    after = " The last column is what it was before rules on judgments took votes out." if before else ""
    rows = [
        [*_row(group, each), *([_number(before[group].value)] if before else [])] for group, each in counted.items()
    ]
    return Figure(
        title,
        "Alpha is 1 where everybody agrees and 0 where votes might as well be drawn; an interval below 0 says that "
        f"people contradict each other more than chance would, as they do where labels are swapped.{after}",
        chart=_chart(counted, "Alpha of the votes of each source, with intervals"),
        table=Table([*_HEAD, *(["before rules"] if before else [])], rows, texts=2),
        source=f"Nominal alpha of: one answer, the other, tie, both bad. {_SOURCE}",
    )


_HEAD = ["source", "reading", "alpha", "95% interval", "equal votes", "pairs", "votes"]


def _ratings(ratings: Alphas) -> Figure:
    rows = [[*_row(group, each), each.metric] for group, each in ratings.items()]
    return Figure(
        "Agreement of ratings",
        "The same for grades, where a near miss counts less than a far one.",
        chart=_chart(ratings, "Alpha of the ratings of each source, with intervals"),
        table=Table([*_HEAD[:5], "things", "grades", "metric"], rows, texts=2),
        source=f"Ordinal alpha for up to 10 different grades, interval alpha for more. {_SOURCE}",
    )


def _chart(alphas: Alphas, label: str) -> Markup:
    estimates = [
        Estimate(group_name(*group), each.value, each.low, each.high, _shown(each), _tone(each.value))
        for group, each in alphas.items()
    ]
    return forest(estimates, _SCALE, label)


def _row(group: tuple[str, str], each: Alpha) -> list[str]:
    title = group_name(*group)
    low_high = MISSING if each.low is None or each.high is None else f"{_rounded(each.low)} to {_rounded(each.high)}"
    counts = [f"{each.units:,}", f"{each.values:,}"]
    return [title, each.why or _reading(each.value), _number(each.value), low_high, percent(each.agreement), *counts]


def _shown(each: Alpha) -> str:
    return each.why or _number(each.value)


def _number(value: float | None) -> str:
    return MISSING if value is None else f"{round(value, 3) + 0.0:.3f}"


def _reading(value: float | None) -> str:
    if value is None or value < _TENTATIVE:
        return "too low to rely on a single vote"
    return "reliable" if value >= _RELIABLE else "for tentative conclusions"


def _tone(value: float | None) -> str:
    if value is None or value < _TENTATIVE:
        return "dropped"
    return "kept" if value >= _RELIABLE else "accent"
