"""The chapter on length: how often the longer answer wins, and how far length alone foretells the preference."""

from __future__ import annotations

import polars as pl

from flows.report.charts.columns import Column, columns
from flows.report.charts.forest import SHARES, Estimate, forest
from flows.report.material import Material
from flows.report.parts import Cell, Fact, Figure, Section, Table
from flows.report.wording import MISSING, group_name, interval, percent, plural, span
from tasks.report.bias.length import length_bias, length_ratios
from tasks.report.bias.length_model import length_models

# Smaller groups are shown, and do not make the headline.
_ENOUGH = 50
_MARKED = 4
_TIMES = "\u00d7"


def length(material: Material) -> Section:
    """Show the length bias of the kept pairs."""
    bias = length_bias(material.pairs)
    models = length_models(material.pairs)
    shares = bias.filter(pl.col("decided") >= _ENOUGH)["share"].to_list()
    told = span(shares) if shares else MISSING
    biased = any(low > 0.5 or high < 0.5 for low, high in bias.select("low", "high").drop_nulls().iter_rows())
    return Section(
        "length",
        "Length",
        "Readers and judges tend to take a longer answer for a better one; a reward model trained on such pairs learns "
        "to count words.",
        [_bias(bias), _models(models, material.held_out), _ratios(material.pairs)],
        [Fact("longer wins", told, "of kept pairs, by source; 50% is even", "look" if biased else "good")],
        f"the longer answer wins {told}" if shares else None,
    )


def _bias(bias: pl.DataFrame) -> Figure:
    if bias["decided"].sum() == 0:
        return Figure(
            "How often the longer answer wins",
            "No kept pair has two texts of different length and a winner: length bias cannot be computed.",
        )
    rows, estimates = [], []
    for each in bias.iter_rows(named=True):
        title = group_name(each["source"], each["dimension"])
        shown = percent(each["share"]) if each["decided"] else "no pair with two lengths and a winner"
        estimates.append(Estimate(title, each["share"], each["low"], each["high"], shown))
        rows.append(
            [title, f"{each['pairs']:,}", f"{each['decided']:,}", percent(each["share"]),
             interval(each["low"], each["high"]), _median(each["chosen_median"]), _median(each["rejected_median"])]
        )  # fmt: skip
    return Figure(
        "How often the longer answer wins",
        "A dot right of the line says that longer answers win; the bar is the 95% interval, and one that crosses the "
        "line is compatible with no bias.",
        chart=forest(estimates, SHARES, "Share of pairs whose longer answer was chosen, with intervals"),
        table=Table(
            ["source", "kept pairs", "decided", "longer wins", "95% interval", "median chosen", "median rejected"], rows
        ),
        source="Decided pairs are no ties and differ in characters. Interval: Wilson (1927), Journal of the American "
        "Statistical Association 22.",
    )


def _models(models: pl.DataFrame, held_out: str) -> Figure:
    title = "What length alone foretells"
    if models.is_empty():
        return Figure(title, "No kept pair with a winner lies in training or held-out data: no model can be tested.")
    rows = []
    for (source, dimension), pair in models.partition_by(
        ["source", "dimension"], as_dict=True, maintain_order=True
    ).items():
        rule, logistic = pair.to_dicts()
        about = [group_name(str(source), str(dimension)), f"{rule['train']:,}", f"{rule['test']:,}"]
        told = [_accuracy(rule), interval(rule["low"], rule["high"]), _accuracy(logistic)]
        rows.append([*about, *(told if rule["why"] is None else [rule["why"], MISSING, MISSING])])
    return Figure(
        title,
        f"A model that sees only the two lengths, fitted on train and tested on {held_out}, is right this often; a "
        "reward model that is not clearly better has learned length.",
        table=Table(["source", "fitted on", "tested on", "longer or shorter", "95% interval", "logistic"], rows),
        source="The rule takes always the longer or always the shorter answer, whichever won more often in training. "
        "The logistic model is a Bradley-Terry model whose worth is quadratic in the logarithm of the length.",
    )


def _accuracy(model: dict[str, float]) -> Cell:
    return Cell(percent(model["share"]), model["share"])


def _ratios(pairs: pl.DataFrame) -> Figure:
    ratios = length_ratios(pairs)
    title = "Chosen against rejected length"
    if ratios["pairs"].sum() == 0:
        return Figure(title, "There is no kept pair with two texts and a winner.")
    bars = []
    for at, (start, end, n) in enumerate(ratios.iter_rows()):
        mark = _ratio(start) if at % _MARKED == 0 else None
        tone = "accent" if start >= 0 else "muted"
        bars.append(Column(f"{_ratio(start)} to {_ratio(end)} as long", n, mark, tone))
    total, right = int(ratios["pairs"].sum()), int(ratios.filter(pl.col("start") >= 0)["pairs"].sum())
    return Figure(
        title,
        "Left of the line the chosen answer is the shorter one, right of it as long or longer: "
        f"{percent(right / total)} of {plural(total, 'pair')}; without bias both halves mirror each other.",
        chart=columns(bars, "Pairs by the ratio of chosen to rejected length", middle=True),
        source="Lengths in characters, on a scale of doublings; the outermost columns also hold what lies beyond them.",
        legend=[("muted", "chosen is shorter"), ("accent", "chosen is as long or longer")],
    )


def _ratio(log2: float) -> str:
    return f"{2**log2:.2g}{_TIMES}" if log2 > -1 else f"1/{2**-log2:.2g}{_TIMES}"


def _median(chars: float | None) -> str:
    return MISSING if chars is None else f"{chars:,.0f}"
