"""The first chapter: what was read, and what became of it."""

from __future__ import annotations

import polars as pl

from flows.report.charts.stacked import Part, stacked
from flows.report.material import Material
from flows.report.parts import Cell, Fact, Figure, Row, Section, Table
from flows.report.wording import MISSING, name, percent, plural
from flows.verbs.counts import count
from schemas.reasons import Reason

_MERGED = ("merged_exact", "merged_normalised", "near_duplicate", "semantic_duplicate")
_SET_ASIDE = ("quarantined", "quarantined_by_rule")
_KINDS = {"kept": "kept", "merged": "merged", "dropped": "dropped", "set aside": "aside", "blank": "muted"}
_TOLD = {"merged": "merged into a kept one", "blank": "blank lines"}
_NOTHING_LOST = ("mapped", "with pairs", "kept")
_MOST_SOURCES = 5


def flow(material: Material) -> Section:
    """Show the fates of rows, records and pairs, and the reasons by source."""
    counts = count(material.opened)
    blocks = {
        block: _kinds(pl.DataFrame(rows, schema=_SHAPE))
        for block, rows in (("rows", counts["rows"]), ("records", counts["records"]), ("pairs", counts["pairs"]))
    }
    read, pairs = int(blocks["rows"]["n"].sum()), int(blocks["pairs"]["n"].sum())
    kept = int(blocks["pairs"].filter(pl.col("kind") == "kept")["n"].sum())
    lost = pl.concat(list(blocks.values())).filter(~pl.col("kind").is_in(["kept", "blank"]))
    share = percent(kept / pairs) if pairs else MISSING
    return Section(
        "flow",
        "What became of the data",
        "Every row, record and pair is kept or has a reason; the bars add up to what was read.",
        [_funnel(blocks), _by_source(blocks["pairs"]), _reasons(lost)],
        [
            Fact("rows read", f"{read:,}", f"in {plural(_sources(material), 'source')}"),
            Fact("pairs kept", f"{kept:,}", f"{share} of {pairs:,}"),
        ],
        f"{kept:,} of {plural(pairs, 'pair')} kept",
    )


_SHAPE = {"source": pl.String, "fate": pl.String, "n": pl.Int64}


def _sources(material: Material) -> int:
    return material.opened.table("sources").select(pl.len()).collect().item()  # type: ignore[no-any-return]


def _kinds(block: pl.DataFrame) -> pl.DataFrame:
    """Say of each fate what kind it is; a rule's name follows its reason."""
    reason = pl.col("fate").str.split(" ").list.first()
    is_bad_row = pl.col("fate").is_in([reason.value for reason in list(Reason)[: _ROW_REASONS + 1]] + ["quarantined"])
    kind = (
        pl.when(pl.col("fate").is_in(_NOTHING_LOST)).then(pl.lit("kept"))
        .when(pl.col("fate") == "blank").then(pl.lit("blank"))
        .when(reason.is_in(_MERGED)).then(pl.lit("merged"))
        .when(is_bad_row | reason.is_in(_SET_ASIDE)).then(pl.lit("set aside"))
        .otherwise(pl.lit("dropped"))
    )  # fmt: skip
    return block.with_columns(kind=kind)


# Reasons are listed in the order of a run: those of rows come first, up to this one.
_ROW_REASONS = list(Reason).index(Reason.no_partner)


def _parts(block: pl.DataFrame) -> list[Part]:
    summed = dict(block.group_by("kind").agg(pl.col("n").sum()).iter_rows())
    return [Part(kind, summed.get(kind, 0), tone) for kind, tone in _KINDS.items()]


def _legend(*blocks: pl.DataFrame) -> list[tuple[str, str]]:
    """Explain the colours that occur."""
    found = set(pl.concat(blocks).filter(pl.col("n") > 0)["kind"])
    return [(tone, _TOLD.get(kind, kind)) for kind, tone in _KINDS.items() if kind in found]


def _funnel(blocks: dict[str, pl.DataFrame]) -> Figure:
    bars = [(block, _parts(rows)) for block, rows in blocks.items()]
    return Figure(
        "From rows to pairs",
        "A row is a line of a file, a record is a prompt with its answers, a pair is two answers of which one was "
        "preferred; a record with many answers or dimensions gives many pairs.",
        chart=stacked(bars, "Rows, records and pairs by what became of them"),
        legend=_legend(*blocks.values()),
    )


def _by_source(pairs: pl.DataFrame) -> Figure:
    order = pairs.group_by("source").agg(pl.col("n").sum()).sort("n", "source", descending=[True, False])
    bars = [(name(source), _parts(pairs.filter(pl.col("source") == source))) for source in order["source"]]
    return Figure(
        "Pairs by source",
        "A source that loses much more than the others repeats them, contradicts itself, or meets a rule that was "
        "written for another kind of text.",
        chart=stacked(bars, "Pairs of each source by what became of them"),
        legend=_legend(pairs),
    )


def _reasons(lost: pl.DataFrame) -> Figure:
    if lost.is_empty():
        return Figure("Reasons", "Nothing was set aside, merged or dropped, so there are no reasons.")
    sources = lost.group_by("source").agg(pl.col("n").sum()).sort("n", "source", descending=[True, False])["source"]
    told = sources.head(_MOST_SOURCES).to_list()
    wide = lost.group_by("fate", "source").agg(pl.col("n").sum())
    fates = wide.group_by("fate").agg(pl.col("n").sum()).sort("n", "fate", descending=[True, False])
    by_source = {(fate, source): n for fate, source, n in wide.iter_rows()}
    most = max(fates["n"])
    rows: list[Row] = [
        [
            Cell(name(fate), note=_sentence(fate)),
            Cell(f"{n:,}", n / most),
            *[_number(by_source.get((fate, each))) for each in told],
        ]
        for fate, n in fates.iter_rows()
    ]
    others = f" Of {len(sources)} sources the {len(told)} with the most are shown." if len(sources) > len(told) else ""
    return Figure(
        "Reasons",
        f"Each reason is a fact about one row, record or pair; `winnow why ID` tells the story of one.{others}",
        table=Table(["reason", "all", *map(name, told)], rows),
    )


def _number(n: int | None) -> str:
    return f"{n:,}" if n else "·"


def _sentence(fate: str) -> str:
    reason = fate.split(" ", maxsplit=1)[0]
    return Reason(reason).sentence if reason in set(Reason) else ""
