"""What changed between two snapshots of a home."""

from __future__ import annotations

import json
from typing import NamedTuple

import polars as pl

from warehouse.database import Warehouse

COUNTED = ["rows", "records", "responses", "comparisons", "pairs", "contradictions", "decisions", "quarantine"]


class Difference(NamedTuple):
    """Numbers of rows before and after, what became of pairs that both know, and what only one of them knows."""

    tables: pl.DataFrame
    pairs: pl.DataFrame
    plans: list[str]


def diff(before: Warehouse, after: Warehouse) -> Difference:
    """Compare two snapshots: table sizes, the fate of each pair, and the keys of the plan that differ."""
    sizes = [{"table": name, "before": _height(before, name), "after": _height(after, name)} for name in COUNTED]
    return Difference(pl.DataFrame(sizes), _fates(before, after), _plans(before, after))


def _height(warehouse: Warehouse, table: str) -> int:
    return int(warehouse.table(table).select(pl.len()).collect().item())


def _fates(before: Warehouse, after: Warehouse) -> pl.DataFrame:
    fate = pl.when("kept").then(pl.concat_str(pl.lit("kept in "), "split")).otherwise("reason")
    old, new = (side.table("pairs").select("pair_id", fate=fate) for side in (before, after))
    both = old.join(new, on="pair_id", how="full", suffix="_after", coalesce=True)
    changed = both.filter(pl.col("fate").ne_missing(pl.col("fate_after")))
    named = changed.select(before=pl.col("fate").fill_null("absent"), after=pl.col("fate_after").fill_null("absent"))
    return (
        named.group_by("before", "after")
        .agg(pairs=pl.len())
        .sort(-pl.col("pairs").cast(pl.Int64), "before", "after")
        .collect()
    )


def _plans(before: Warehouse, after: Warehouse) -> list[str]:

    old, new = json.loads(before.snapshot.plan), json.loads(after.snapshot.plan)
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
