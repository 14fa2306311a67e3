"""From a snapshot to what trainers see: decided and tied pairs, and the contents they are made of."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import polars as pl

from schemas.errors import Terminal
from schemas.identity import digest
from warehouse.database import Warehouse

_COLUMNS = [
    "pair_id", "pair_key", "record_id", "source", "modality", "dimension", "split", "component_id", "prompt", "chosen",
    "rejected", "chosen_id", "rejected_id", "chosen_media_id", "rejected_media_id", "margin", "tie", "kept",
]  # fmt: skip
NOT_TEXT = "an answer is more than a text: say image_text, a model that sees media"
OTHER_MODALITY = "its answers are of another modality"


class Candidates(NamedTuple):
    """Pairs to learn from, and how many were left out for which reason."""

    pairs: pl.DataFrame
    left_out: dict[str, int]


def read_text_pairs(opened: Warehouse, splits: Collection[str], dimension: str | None) -> pl.DataFrame:
    """Read the kept pairs of text in these splits, of one dimension if it is named, with a `prompt_id`, by pair id.

    A prompt's id is that of a response with the same text: what has an embedding can be either. Raises Terminal that
    says what there is if there is no such pair.
    """
    dimensions = None if dimension is None else [dimension]
    return texts_among(read_judged(opened.pairs(), splits, dimensions), opened, splits, dimensions).pairs


def candidates(opened: Warehouse) -> pl.LazyFrame:
    """Read the kept pairs, and those that only rules on what models say have dropped, as not `kept`.

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
    return pl.concat([opened.pairs(), doubted], how="diagonal")


def read_judged(wanted: pl.LazyFrame, splits: Collection[str], dimensions: Collection[str] | None) -> pl.DataFrame:
    """Read the pairs of `wanted` in these splits, of these dimensions if they are named, by pair id."""
    of_dimensions = wanted if dimensions is None else wanted.filter(pl.col("dimension").is_in(list(dimensions)))
    found = of_dimensions.filter(pl.col("split").is_in(list(splits))).select(_COLUMNS)
    return found.with_columns(pl.col("prompt").fill_null("")).collect().sort("pair_id")


def of_modality(pairs: pl.DataFrame, modality: str | None) -> Candidates:
    """Leave out the pairs of answers of another modality, if one is named."""
    if modality is None:
        return Candidates(pairs, {})
    found = pairs.filter(pl.col("modality") == modality)
    return Candidates(found, {OTHER_MODALITY: pairs.height - found.height})


def texts_among(
    pairs: pl.DataFrame, opened: Warehouse, splits: Collection[str], dimensions: Collection[str] | None
) -> Candidates:
    """Leave out the pairs with a medium in an answer; the others get a `prompt_id` and lengths in characters.

    A prompt's id is that of a response with the same text: what has an embedding can be either. Raises Terminal that
    says what there is if no kept pair is left.
    """
    is_text = pl.all_horizontal(
        pl.col("chosen", "rejected").is_not_null(), pl.col("chosen_media_id", "rejected_media_id").is_null()
    )
    found = pairs.filter(is_text)
    refuse_nothing(found, opened, "of text ", splits, dimensions)
    return Candidates(
        found.with_columns(
            prompt_id=digest(pl.lit("response"), "prompt"),
            chosen_length=pl.col("chosen").str.len_chars(),
            rejected_length=pl.col("rejected").str.len_chars(),
        ),
        {NOT_TEXT: pairs.height - found.height},
    )


def refuse_nothing(
    pairs: pl.DataFrame, opened: Warehouse, what: str, splits: Collection[str], dimensions: Collection[str] | None
) -> None:
    """Raise Terminal that says what there is if none of `pairs` is kept."""
    if pairs["kept"].any():
        return
    there = opened.pairs().select("dimension", "split").unique().sort("dimension", "split").collect()
    known = ", ".join(f"{name} in {split}" for name, split in there.iter_rows()) or "none"
    asked = f"dimension {', '.join(dimensions)} in " if dimensions else ""
    raise Terminal(
        f"snapshot {opened.snapshot.snapshot} keeps no pairs {what}of {asked}{', '.join(splits)}; there are {known}"
    )


def contents_of(pairs: pl.DataFrame) -> pl.DataFrame:
    """List the distinct contents (content_id, text) of prompts and responses, by id."""
    parts = [
        pairs.select(content_id=f"{part}_id", text=part).unique("content_id")
        for part in ("prompt", "chosen", "rejected")
    ]
    return pl.concat(parts).unique("content_id").sort("content_id")
