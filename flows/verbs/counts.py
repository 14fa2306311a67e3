"""The three blocks of numbers that every run ends with: rows, records and pairs, each by source."""

from __future__ import annotations

from typing import TypedDict

import polars as pl
from rich.table import Table

from warehouse.database import Warehouse

BLOCKS = {
    "rows": """
        select source, coalesce(reason, fate) as fate, count(*) as n
        from rows left join (select row_id, min(reason) as reason from quarantine group by all) using (row_id)
        group by all""",
    "records": """
        select source, coalesce(reason, 'with pairs') as fate, count(*) as n
        from records left join (select subject_id as record_id, reason from decisions where subject = 'record')
        using (record_id) group by all""",
    "pairs": """
        select source, count(*) as n,
        case when kept then 'kept' when rule <> reason then reason || ' ' || rule else reason end as fate
        from pairs group by all""",
}
# With more sources than a terminal is wide, each gets a line; with as many fates, too, there is no table any more.
MOST_COLUMNS = 8
_NAMED = "by source"
FIRST = ("mapped", "with pairs", "kept")


class Counts(TypedDict):
    """Source, fate and number, for each block."""

    rows: list[dict[str, str | int]]
    records: list[dict[str, str | int]]
    pairs: list[dict[str, str | int]]


def count(warehouse: Warehouse) -> Counts:
    """Count what became of every row, record and pair of a snapshot."""
    order = warehouse.sql("select source from sources")["source"].to_list()
    found = {name: _sorted(warehouse.sql(query), order).to_dicts() for name, query in BLOCKS.items()}
    return Counts(rows=found["rows"], records=found["records"], pairs=found["pairs"])


def _sorted(counted: pl.DataFrame, order: list[str]) -> pl.DataFrame:
    place = pl.col("source").replace_strict({source: at for at, source in enumerate(order)}, default=len(order))
    return counted.sort(place, ~pl.col("fate").is_in(FIRST), -pl.col("n"), "fate")


def to_tables(counts: Counts) -> list[Table]:
    """Draw the blocks for a terminal: a line per fate, a column per source, and the sum where there are several.

    Many sources have a line each, and a column per fate; of many fates each names its sources in its line.
    """
    return [_table(name, pl.DataFrame(counts[name])) for name in ("rows", "records", "pairs")]


def to_markdown(counts: Counts) -> str:
    """Write the blocks for the Prefect interface."""
    parts = []
    for name in ("rows", "records", "pairs"):
        head, *lines = _grid(pl.DataFrame(counts[name]))
        rule = ["---", *["---:"] * (len(head) - 1)]
        parts.append(
            "\n".join([f"### {name}", "", *["| " + " | ".join(cells) + " |" for cells in [head, rule, *lines]]])
        )
    return "\n\n".join(parts)


def _grid(block: pl.DataFrame) -> list[list[str]]:
    if block.is_empty():
        return [["fate"], ["none"]]
    sources = block["source"].unique(maintain_order=True).to_list()
    if min(len(sources), block["fate"].n_unique()) > MOST_COLUMNS:
        return _listed(block)
    wide = block.pivot("source", index="fate", values="n", sort_columns=False).fill_null(0)
    ordered = wide.sort(~pl.col("fate").is_in(FIRST), -pl.sum_horizontal(sources), "fate")
    with_sum = len(sources) > 1
    lines = [["fate", *sources, *(["sum"] if with_sum else [])]]
    for row in ordered.select("fate", *sources).iter_rows():
        numbers = list(row[1:])
        lines.append([row[0], *[f"{n:,}" if n else "·" for n in numbers], *([f"{sum(numbers):,}"] if with_sum else [])])
    if len(sources) <= MOST_COLUMNS:
        return lines
    turned = [list(column) for column in zip(*lines, strict=True)]
    turned[0][0] = "source"
    return turned


def _listed(block: pl.DataFrame) -> list[list[str]]:
    """Name the sources of each fate, the largest part first."""
    fates = block.sort(-pl.col("n"), maintain_order=True).group_by("fate", maintain_order=True).agg("source", "n")
    ordered = fates.sort(~pl.col("fate").is_in(FIRST), -pl.col("n").list.sum(), "fate", maintain_order=True)
    lines = [["fate", "sum", _NAMED]]
    for fate, sources, numbers in ordered.iter_rows():
        parts = [f"{source} {n:,}" for source, n in zip(sources, numbers, strict=True)]
        lines.append([fate, f"{sum(numbers):,}", ", ".join(parts)])
    return lines


def _table(name: str, block: pl.DataFrame) -> Table:
    head, *lines = _grid(block)
    table = Table(
        box=None, pad_edge=False, header_style="bold", title=name, title_justify="left", title_style="bold cyan"
    )
    for at, title in enumerate(head):
        is_number = at and title != _NAMED
        table.add_column(title, justify="right" if is_number else "left", no_wrap=not at, overflow="fold")
    for line in lines:
        table.add_row(*line)
    return table
