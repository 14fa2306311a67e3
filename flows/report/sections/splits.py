"""The chapter on splits, and on what keeps them apart."""

from __future__ import annotations

import polars as pl

from flows.report.charts.stacked import Part, stacked
from flows.report.material import Material
from flows.report.parts import Cell, Fact, Figure, Row, Section, Table
from flows.report.wording import name, percent, plural
from schemas.reasons import Reason
from warehouse.answers.audit import Finding, audit_splits

_TONES = ("kept", "accent", "merged", "aside", "muted")
_TURNED_AWAY = (Reason.contaminated, Reason.in_benchmark, Reason.bridges_splits)


def splits(material: Material) -> Section:
    """Show the splits, and check anew that nothing that belongs together lies in two of them."""
    findings = list(audit_splits(material.opened))
    broken = sum(finding.broken for finding in findings)
    return Section(
        "splits",
        "Splits and leaks",
        "Prompts, near copies of prompts, conversations and whatever is tied to them go into one split as a whole.",
        [_shares(material), _guarantees(findings), _turned_away(material)],
        [Fact("leaks", f"{broken:,}", "found between splits, checked anew", "look" if broken else "good")],
        f"{plural(broken, 'leak')} between splits" if broken else "no leak between splits",
    )


def _shares(material: Material) -> Figure:
    counted = material.pairs.group_by("source", "split").agg(n=pl.len())
    if counted.is_empty():
        return Figure("Splits", "No pair is kept, so there is nothing to split.")
    planned = material.plan.split.shares
    order = [*planned, *sorted(set(counted["split"].drop_nulls()) - planned.keys())]
    tones = {split: _TONES[min(at, len(_TONES) - 1)] for at, split in enumerate(order)}
    sources = counted.group_by("source").agg(pl.col("n").sum()).sort("n", "source", descending=[True, False])["source"]
    by_both = {(source, split): n for source, split, n in counted.iter_rows()}
    bars = [
        (name(source), [Part(split, by_both.get((source, split), 0), tones[split]) for split in order])
        for source in sources
    ]
    of_split = {split: sum(by_both.get((source, split), 0) for source in sources) for split in order}
    total = sum(of_split.values()) or 1
    rows: list[Row] = [
        [name(split), percent(planned.get(split)), Cell(percent(n / total), n / total, tones[split]), f"{n:,}"]
        for split, n in of_split.items()
    ]
    return Figure(
        "Splits",
        "Shares are met in expectation: a group of related prompts is never torn apart for one, and evaluation-only "
        "data is all test.",
        chart=stacked([("all", [Part(split, of_split[split], tones[split]) for split in order]), *bars], "Splits"),
        legend=[(tones[split], name(split)) for split in order],
        table=Table(["split", "planned", "real", "pairs"], rows),
    )


def _guarantees(findings: list[Finding]) -> Figure:
    rows = [[each.promise, "holds" if not each.broken else "broken", f"{each.broken:,}"] for each in findings]
    return Figure(
        "What is guaranteed",
        "Checked for this page from the texts and tables themselves; `winnow audit` also searches for near copies of "
        "prompts in different splits.",
        table=Table(["promise", "state", "breaks"], rows, texts=2),
    )


def _turned_away(material: Material) -> Figure:
    counted = dict(
        material.opened.sql("select reason, count(*) as n from pairs where reason is not null group by all").iter_rows()
    )
    rows = [[reason.value, reason.sentence, f"{counted.get(reason.value, 0):,}"] for reason in _TURNED_AWAY]
    against = material.plan.decontaminate
    named = f"{plural(len(against.against), 'benchmark')}" if against else "no benchmark"
    return Figure(
        "Turned away to keep test data clean",
        f"The plan keeps out {named}, and everything that evaluation-only sources of its own hold.",
        table=Table(["reason", "what it means", "pairs"], rows, texts=2),
    )
