"""What SafeSora's rows say beyond one pair: every opinion of the same two videos, and what is known of each."""

from __future__ import annotations

from typing import Final

import polars as pl

from warehouse.database import Warehouse
from warehouse.export.pairs import Choice

_TYPES: Final = ["safety_critical", "safety_neutral"]
_SAFE: Final = ["safe", "is_safe"]


def with_judgments(opened: Warehouse, pairs: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """Add `opinions`, the decided pairs that are meant of the same two answers, and `prompt_type`.

    Each answer also gets a `generator` and `is_safe`; what the source does not say is null.
    """
    is_same = pl.col("pair_key").is_in(pairs["pair_key"].unique().implode())
    decided = opened.table("pairs").filter(is_same & choice.is_meant & ~pl.col("tie").fill_null(value=True))
    opinions = decided.group_by("pair_key").agg(
        opinions=pl.struct("pair_id", "dimension", "chosen_id").sort_by("pair_id")
    )
    found = pairs.join(opinions.collect(), on="pair_key", how="left").with_columns(pl.col("opinions").fill_null([]))
    is_meant = pl.col("record_id").is_in(pairs["record_id"].unique().implode())
    labels = opened.table("labels").filter(is_meant)
    is_type = (pl.col("target") == "prompt") & pl.col("label").is_in(_TYPES) & pl.col("value").fill_null(value=True)
    typed = labels.filter(is_type).group_by("record_id").agg(prompt_type=pl.col("label").min())
    found = found.join(typed.collect(), on="record_id", how="left")
    safe = labels.filter((pl.col("target") == "response") & pl.col("label").is_in(_SAFE))
    known = (
        opened.table("responses")
        .filter(is_meant)
        .group_by("record_id", target_id="response_id")
        .agg(generator=pl.col("generator").sort_by("index").first())
        .join(
            safe.group_by("record_id", "target_id").agg(is_safe=pl.col("value").min()),
            on=["record_id", "target_id"],
            how="left",
        )
        .collect()
    )
    for side in ("chosen", "rejected"):
        named = known.rename(
            {"target_id": f"{side}_id", "generator": f"{side}_generator", "is_safe": f"{side}_is_safe"}
        )
        found = found.join(named, on=["record_id", f"{side}_id"], how="left")
    return found
