"""The chapter on what is kept: licences, languages and lengths."""

from __future__ import annotations

import re

import polars as pl

from flows.report.charts.columns import Column, columns
from flows.report.charts.stacked import Part, stacked
from flows.report.material import Material
from flows.report.parts import Cell, Fact, Figure, Row, Section, Table
from flows.report.wording import MISSING, name, percent, plural
from tasks.measure.text.language import detect
from tasks.report.histogram import length_histogram

_SAMPLE = 2_000
_CODE = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{1,8}){0,3}", re.IGNORECASE)
_MOST_LANGUAGES = 12
_LICENSES = """
    select license, coalesce(commercial_ok, false) as commercial_ok, count(*) as n from pairs where kept
    group by all order by n desc, license"""
_SAMPLED = "select chosen from pairs where kept order by pair_id limit $sample"
_DECADE = 6


def spread(material: Material) -> Section:
    """Show under which licences, in which languages and how long the kept pairs are."""
    licenses = material.opened.sql(_LICENSES)
    total = int(licenses["n"].sum())
    free = int(licenses.filter("commercial_ok")["n"].sum())
    share = percent(free / total) if total else MISSING
    return Section(
        "spread",
        "What is kept",
        "The kept pairs by licence, language and length.",
        [_licenses(licenses, total, free), _languages(material), _lengths(material)],
        [Fact("commercial use", share, "of the kept pairs", "good" if total and free == total else "look")],
    )


def _licenses(licenses: pl.DataFrame, total: int, free: int) -> Figure:
    if not total:
        return Figure("Licences", "No pair is kept, so there is nothing to license.")
    parts = [Part("may be used commercially", free, "kept"), Part("may not, or is not known", total - free, "dropped")]
    rows = [
        [name(said) if said else "not said", "yes" if is_free else "no", Cell(f"{n:,}", n / total)]
        for said, is_free, n in licenses.iter_rows()
    ]
    return Figure(
        "Licences",
        "A merged pair carries the strictest licence of all that went into it; a licence that is not said counts as "
        "not free for commercial use.",
        chart=stacked([("kept pairs", parts)], "Kept pairs by whether they may be used commercially"),
        legend=[("kept", "may be used commercially"), ("dropped", "may not, or is not known")],
        table=Table(["licence", "commercial use", "pairs"], rows, texts=2),
    )


def _languages(material: Material) -> Figure:
    found, where = _found_languages(material)
    known = found.drop_nulls()
    if known.is_empty():
        return Figure("Languages", "The texts are too short to tell a language, or there are none.")
    codes = pl.Series([code if _CODE.fullmatch(code) else "other" for code in known.to_list()])
    counted = codes.alias("code").value_counts(sort=True).sort("count", "code", descending=[True, False])
    rows: list[Row] = [
        [name(code), Cell(f"{n:,}", n / known.len()), percent(n / known.len())]
        for code, n in counted.head(_MOST_LANGUAGES).iter_rows()
    ]
    more = counted.height - len(rows)
    others = f" {plural(more, 'rarer language')} left out." if more > 0 else ""
    return Figure(
        "Languages",
        f"{plural(counted.height, 'language')} {where}; languages of a few answers only are often mistakes of the "
        f"model that tells them.{others}",
        table=Table(["language", "answers", "share"], rows),
        source="Codes are those of ISO 639.",
    )


def _found_languages(material: Material) -> tuple[pl.Series, str]:
    """Take what a metric or the sources say, or else look at a sample."""
    opened = material.opened
    if "chosen_language" in opened.table("metrics").collect_schema():
        told = opened.sql("select chosen_language from metrics join pairs using (pair_id) where kept")
        return told.to_series(), "by the metric `chosen_language`"
    said = opened.sql("select language from pairs where kept").to_series()
    if said.len() and said.null_count() < said.len() / 2:
        return said, "as the sources say"
    sample = opened.sql(_SAMPLED, {"sample": _SAMPLE})
    detected = sample.select(detect(pl.col("chosen")).struct["language"]).to_series()
    return detected, (
        f"in a sample of {plural(sample.height, 'chosen answer')}, told by a model; add `metrics: [chosen_language]` "
        "to the plan to know it of every pair"
    )


def _lengths(material: Material) -> Figure:
    told = length_histogram(material.pairs.select("chosen_chars", "rejected_chars"))
    if told.is_empty():
        return Figure("Lengths", "The kept pairs hold no texts.")
    first = next(at for at, row in enumerate(told.iter_rows()) if row[1] or row[2])
    bars = []
    for at, (start, chosen, rejected) in list(enumerate(told.iter_rows()))[max(first - 1, 0) :]:
        mark = f"{start:,.0f}" if at % _DECADE == 0 or at % _DECADE == _DECADE // 2 else None
        bars.append(Column(f"{start:,.0f} to {start * 10 ** (1 / _DECADE):,.0f}", chosen, mark, "accent", rejected))
    medians = material.pairs.select(pl.col("chosen_chars", "rejected_chars", "prompt_chars").median()).row(0)
    chosen, rejected, prompt = (f"{value:,.0f}" if value is not None else MISSING for value in medians)
    return Figure(
        "Lengths",
        f"Half of the chosen answers have more than {chosen} characters, of the rejected ones {rejected}, of the "
        f"prompts {prompt}; the scale is logarithmic.",
        chart=columns(bars, "Answers by their number of characters"),
        legend=[("accent", "chosen"), ("line", "rejected")],
    )
