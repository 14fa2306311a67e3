"""The chapter on position and ties."""

from __future__ import annotations

import polars as pl

from flows.report.charts.forest import SHARES, Estimate, forest
from flows.report.material import Material
from flows.report.parts import Cell, Fact, Figure, Row, Section, Table
from flows.report.wording import MISSING, group_name, interval, name, p_value, percent, plural
from tasks.report.bias.position import position_bias
from tasks.report.bias.ties import ties

# Once in a hundred fair sources.
_LOG10_SURE = -2.0


def position(material: Material) -> Section:
    """Show how often the answer that is listed first wins, and how often there is no winner."""
    bias = position_bias(material.judgments)
    counted = ties(material.judgments)
    fixed = bias.filter(pl.col("share").is_in([0.0, 1.0]), pl.col("log10_p") < _LOG10_SURE)
    leaning = bias.filter(~pl.col("share").is_in([0.0, 1.0]), pl.col("log10_p") < _LOG10_SURE)
    return Section(
        "position",
        "Position and ties",
        "Where an answer stands on the page should not decide whether it wins.",
        [_bias(bias), _ties(counted)],
        [_fact(bias, fixed, leaning), _tie_fact(counted)],
        _finding(fixed, leaning),
    )


def _fact(bias: pl.DataFrame, fixed: pl.DataFrame, leaning: pl.DataFrame) -> Fact:
    label = "first listed wins"
    if bias.is_empty():
        return Fact(label, MISSING, "no judgment has a winner")
    free = bias.filter(~pl.col("share").is_in([0.0, 1.0]))
    if free.is_empty():
        return Fact(label, percent(bias["share"][0]), "the files list the winner first", "look")
    furthest = free.sort((pl.col("share") - 0.5).abs(), descending=True)["share"][0]
    note = "the source furthest from 50%" + ("; other files list the winner first" if fixed.height else "")
    return Fact(label, percent(furthest), note, "look" if leaning.height else "good")


def _tie_fact(counted: pl.DataFrame) -> Fact:
    votes, tied = int(counted["votes"].sum()), int(counted["ties"].sum())
    return Fact("ties", percent(tied / votes) if votes else MISSING, f"{tied:,} of {plural(votes, 'vote')}")


def _finding(fixed: pl.DataFrame, leaning: pl.DataFrame) -> str | None:
    said = [f"the first answer wins {percent(share)} in {name(source)}" for source, share in _told(leaning)]
    said += [f"{name(source)} lists the winner {'first' if share else 'last'}" for source, share in _told(fixed)]
    return said[0] if said else None


def _told(bias: pl.DataFrame) -> list[tuple[str, float]]:
    return bias.sort("log10_p", "source").select("source", "share").rows()


def _bias(bias: pl.DataFrame) -> Figure:
    title = "How often the first answer wins"
    if bias.is_empty():
        return Figure(title, "No row prefers one of two listed answers: position bias cannot be computed.")
    rows, estimates = [], []
    for each in bias.iter_rows(named=True):
        group = group_name(each["source"], each["dimension"])
        tone = "dropped" if each["log10_p"] < _LOG10_SURE else "accent"
        estimates.append(Estimate(group, each["share"], each["low"], each["high"], percent(each["share"]), tone))
        rows.append(
            [group, _reading(each["share"], each["log10_p"]), f"{each['rows']:,}", percent(each["share"]),
             interval(each["low"], each["high"]), p_value(each["log10_p"])]
        )  # fmt: skip
    return Figure(
        title,
        "Half is fair; always first or always last is a convention of the file and no habit of people, but a trainer "
        "that sees the order learns it all the same, so `winnow export` draws the order anew where it matters.",
        chart=forest(estimates, SHARES, "Share of rows whose first answer wins, with intervals"),
        legend=[("accent", "compatible with chance"), ("dropped", "p below 0.01")],
        table=Table(["source", "reading", "rows", "first wins", "95% interval", "p"], rows, texts=2),
        source="A row is one observation: the majority of its votes. p: exact two-sided binomial test against a half.",
    )


def _reading(share: float, log10_p: float) -> str:
    if log10_p >= _LOG10_SURE:
        return "compatible with chance"
    if share in (0.0, 1.0):
        return "the file lists the winner " + ("first" if share else "last")
    return "the first is favoured" if share > 0.5 else "the second is favoured"


def _ties(counted: pl.DataFrame) -> Figure:
    title = "Ties"
    if counted.is_empty():
        return Figure(title, "There are no judgments between two different answers.")
    rows: list[Row] = [
        [group_name(source, dimension), f"{votes:,}", f"{tied:,}", Cell(percent(share), share), f"{bad:,}"]
        for source, dimension, votes, tied, bad, share in counted.iter_rows()
    ]
    none = counted.filter(pl.col("ties") == 0).height
    return Figure(
        title,
        "A tie says that neither answer is better; a source without any had no such choice, or threw those rows away"
        + (f", which is so for {none} of {counted.height} here." if none else "."),
        table=Table(["source", "votes", "ties", "share of ties", "both bad"], rows),
    )
