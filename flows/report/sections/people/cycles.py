"""The chapter on intransitive triples."""

from __future__ import annotations

import polars as pl

from flows.report.material import Material
from flows.report.parts import Cell, Example, Fact, Figure, Row, Section, Side, Table
from flows.report.wording import MISSING, cut, group_name, percent, plural, visible
from tasks.report.cycles import Cycles
from tasks.report.cycles import cycles as find_cycles
from tasks.report.words import Run

# In a triple with three winners drawn by coins, 2 of the 8 outcomes are cycles.
_CHANCE = 0.25
_TEXTS = """
    select response_id, any_value(text) as text from responses
    where response_id in (select unnest($ids)) group by all"""
_PROMPT = """
    select any_value(prompt) from pairs
    where kept and chosen_id = $a and rejected_id = $b and dimension = $dimension and md5(prompt) = $prompt_key"""


def cycles(material: Material) -> Section:
    """Show how many triples of answers go round in a circle."""
    found = find_cycles(material.pairs.filter(~pl.col("tie")))
    triples, cyclic = int(found.counted["triples"].sum()), int(found.counted["cyclic"].sum())
    share = percent(cyclic / triples) if triples else MISSING
    note = f"{cyclic:,} of {plural(triples, 'triple')}; 25% is chance" if triples else "no prompt has three compared"
    return Section(
        "cycles",
        "Circles",
        "Where A beats B, B beats C and C beats A, no score for single answers can be right about all three.",
        [_counts(found, triples, cyclic), *([_examples(material, found)] if cyclic else [])],
        [Fact("in circles", share, note, _tone(triples, cyclic))],
    )


def _tone(triples: int, cyclic: int) -> str:
    if not triples:
        return "plain"
    return "look" if cyclic / triples > _CHANCE / 5 else "good"


def _counts(found: Cycles, triples: int, cyclic: int) -> Figure:
    title = "Triples that go round"
    if not triples:
        return Figure(
            title,
            "No three answers to one prompt were all compared with each other in one dimension: there is no circle.",
        )
    rows: list[Row] = [
        [group_name(source, dimension), f"{n:,}", f"{round_:,}", Cell(percent(round_ / n), round_ / n)]
        for source, dimension, n, round_ in found.counted.iter_rows()
    ]
    return Figure(
        title,
        f"Of {plural(triples, 'triple')} of answers that were compared in full, {cyclic:,} contradict every order; "
        "winners drawn by coins would make a quarter of them do so.",
        table=Table(["source", "triples", "in a circle", "share"], rows),
        source="Kept pairs with a winner. Kendall and Babington Smith (1940), Biometrika 31, On the method of paired "
        "comparisons. Triples whose pairs come from different sources are counted under several.",
    )


def _examples(material: Material, found: Cycles) -> Figure:
    ids = pl.concat([found.examples[column] for column in "abc"]).unique().to_list()
    texts = dict(material.opened.sql(_TEXTS, {"ids": ids}).iter_rows())
    told = []
    for at, each in enumerate(found.examples.to_dicts()):
        asked = {key: each[key] for key in ("a", "b", "dimension", "prompt_key")}
        prompt = material.opened.sql(_PROMPT, asked).item()
        sides = [
            Side(
                f"{column.upper()} beats {other.upper()}",
                [Run(cut(visible(texts[each[column]] or "")), is_different=False)],
            )
            for column, other in (("a", "b"), ("b", "c"), ("c", "a"))
        ]
        told.append(Example(f"Circle {at + 1}", sides, cut(visible(prompt or ""))))
    return Figure(
        "Some of them",
        "Each answer was preferred to the one after it, and the last to the first.",
        examples=told,
    )
