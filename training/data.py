"""From a snapshot to what trainers see: decided and tied pairs, and the contents they are made of."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from schemas.errors import Terminal
from schemas.identity import digest
from warehouse.database import Warehouse

_COLUMNS = [
    "pair_id", "pair_key", "source", "dimension", "split", "component_id", "prompt", "chosen", "rejected", "chosen_id",
    "rejected_id", "margin", "tie", "kept",
]  # fmt: skip


def read_text_pairs(opened: Warehouse, splits: Collection[str], dimension: str | None) -> pl.DataFrame:
    """Read the kept pairs of text in these splits, of one dimension if it is named, with a `prompt_id`, by pair id.

    A prompt's id is that of a response with the same text: what has an embedding can be either. Raises Terminal that
    says what there is if there is no such pair.
    """
    return _read(opened, opened.pairs(), splits, dimension)


def read_candidates(opened: Warehouse, splits: Collection[str], dimension: str | None) -> pl.DataFrame:
    """Read what `read_text_pairs` does, and the pairs that only rules on what models say have dropped, as not `kept`.

    Such a pair has the split that it would have. Which pairs are candidates does not depend on what any model has said
    of them, so what is learnt from all candidates does not either: that is why labels are judged among these, and why
    models are compared on them.
    """
    decided = opened.table("decisions").filter((pl.col("stage") == "models") & (pl.col("action") != "flag"))
    doubted = (
        opened.table("pairs")
        .join(decided, left_on="pair_id", right_on="subject_id", how="semi")
        .drop("split")
        .join(opened.table("splits").unique("component_id"), on="component_id")
    )
    return _read(opened, pl.concat([opened.pairs(), doubted], how="diagonal"), splits, dimension)


def _read(opened: Warehouse, wanted: pl.LazyFrame, splits: Collection[str], dimension: str | None) -> pl.DataFrame:
    of_dimension = wanted if dimension is None else wanted.filter(pl.col("dimension") == dimension)
    texts = of_dimension.filter(
        pl.col("split").is_in(list(splits)), pl.col("chosen").is_not_null(), pl.col("rejected").is_not_null()
    )
    found = texts.filter(pl.col("chosen_media_id").is_null() & pl.col("rejected_media_id").is_null())
    pairs = found.select(_COLUMNS).with_columns(pl.col("prompt").fill_null("")).collect().sort("pair_id")
    if not pairs["kept"].any():
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
