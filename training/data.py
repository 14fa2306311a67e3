"""From a snapshot to what trainers see: decided and tied pairs, and the contents they are made of."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from schemas.errors import Terminal
from schemas.identity import digest
from warehouse.database import Warehouse

_COLUMNS = [
    "pair_id", "source", "dimension", "split", "component_id", "prompt", "chosen", "rejected", "chosen_id",
    "rejected_id", "margin", "tie",
]  # fmt: skip


def read_text_pairs(opened: Warehouse, splits: Collection[str], dimension: str | None) -> pl.DataFrame:
    """Read the kept pairs of text in these splits, of one dimension if it is named, with a `prompt_id`, by pair id.

    A prompt's id is that of a response with the same text: what has an embedding can be either. Raises Terminal that
    says what there is if there is no such pair.
    """
    kept = opened.pairs(dimension=dimension).filter(
        pl.col("split").is_in(list(splits)), pl.col("chosen").is_not_null(), pl.col("rejected").is_not_null()
    )
    found = kept.filter(pl.col("chosen_media_id").is_null() & pl.col("rejected_media_id").is_null())
    pairs = found.select(_COLUMNS).with_columns(pl.col("prompt").fill_null("")).collect().sort("pair_id")
    if pairs.is_empty():
        there = opened.pairs().select("dimension", "split").unique().sort("dimension", "split").collect()
        known = ", ".join(f"{name} in {split}" for name, split in there.iter_rows()) or "none"
        asked = f"dimension {dimension} in " if dimension else ""
        raise Terminal(f"snapshot {opened.snapshot.snapshot} keeps no pairs of text of {asked}{', '.join(splits)}; "
                       f"there are {known}")  # fmt: skip
    return pairs.with_columns(
        prompt_id=digest(pl.lit("response"), "prompt"),
        chosen_chars=pl.col("chosen").str.len_chars(),
        rejected_chars=pl.col("rejected").str.len_chars(),
    )


def contents_of(pairs: pl.DataFrame) -> pl.DataFrame:
    """List the distinct contents (content_id, text) of prompts and responses, by id."""
    parts = [
        pairs.select(content_id=f"{part}_id", text=part).unique("content_id")
        for part in ("prompt", "chosen", "rejected")
    ]
    return pl.concat(parts).unique("content_id").sort("content_id")
