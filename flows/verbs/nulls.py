"""Warnings about rules that seldom can tell: where a column is null, a rule does not fire."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from schemas.expressions import columns_of
from schemas.plan import Plan, Rule
from warehouse.database import Warehouse

MOST_NULLS = 0.05
# A rule that says what to do with nulls knows of them.
_KNOWS_NULLS = re.compile(r"\bis\s+(?:not\s+)?null\b|\b(?:coalesce|ifnull)\s*\(", re.IGNORECASE)


def warn_of_nulls(opened: Warehouse) -> list[str]:
    """Name every rule of a snapshot's plan that reads a column which is null in more than 5% of the rows."""
    rules = Plan.model_validate_json(opened.snapshot.plan).rules
    return [warning for on in ("pairs", "judgments") for warning in _warn(opened, [r for r in rules if r.on == on], on)]


def _warn(opened: Warehouse, rules: list[Rule], on: str) -> list[str]:
    read = {rule.name: columns_of(rule.expression) for rule in rules if not _KNOWS_NULLS.search(rule.expression)}
    if not read:
        return []
    rows = _pairs(opened) if on == "pairs" else _judgments(opened)
    shares = _null_shares(rows, {name for names in read.values() for name in names})
    return [
        f"rule {rule}: {column} is null in {shares[column]:.0%} of the {on}, and there the rule does not fire"
        for rule, columns in read.items()
        for column in columns
        if shares.get(column, 0.0) > MOST_NULLS
    ]


def _null_shares(rows: pl.LazyFrame, names: set[str]) -> Mapping[str, float]:
    known = sorted(names & set(rows.collect_schema().names()))
    counted = rows.select(pl.len().alias("rows"), pl.col(known).null_count()).collect().row(0, named=True)
    return {name: counted[name] / counted["rows"] for name in known} if counted["rows"] else {}


def _pairs(opened: Warehouse) -> pl.LazyFrame:
    return opened.table("pairs").join(opened.table("metrics"), on="pair_id", how="left")


def _judgments(opened: Warehouse) -> pl.LazyFrame:
    return (
        opened.table("comparisons")
        .join(opened.table("records").select("record_id", "source"), on="record_id")
        .join(opened.table("annotators"), on=["annotator_id", "source"], how="left")
    )
