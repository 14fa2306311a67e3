"""The media of pairs on their way into files: what is said of one, and what becomes of it there."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

# One medium of a prompt or an answer. `name` is that of a file with it, `is_there` is false if it is broken or its
# bytes are not kept.
ATTACHED: Final = pl.Struct(
    {
        "media_id": pl.String, "sha256": pl.String, "modality": pl.String, "name": pl.String, "bytes": pl.Int64,
        "is_there": pl.Boolean,
    }
)  # fmt: skip
# Where a pair has media: each has a column of its own, such as `prompt_media`.
PLACES: Final = ("prompt", "chosen", "rejected")
# How the kinds of several media are written: a letter each; `?` is one of which nobody knows.
LETTERS: Final = {"image": "i", "audio": "a", "video": "v"}
# A medium inside a file is something that `datasets` shows or plays, or bytes and nothing else.
Embedded = Literal["image", "audio", "video", "bytes"]


def with_kinds(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add `prompt_kinds`, `chosen_kinds` and `rejected_kinds`: a letter for each medium, in their order."""
    modality = pl.element().struct["modality"]
    letter = modality.replace_strict(LETTERS, default="?", return_dtype=pl.String)
    return pairs.with_columns(
        pl.col(f"{place}_media").list.eval(letter).list.join("").alias(f"{place}_kinds") for place in PLACES
    )


def of_modality(place: str, modality: str) -> pl.Expr:
    """Take the media of one kind that stand in a place."""
    is_one = pl.element().struct["modality"] == modality
    return pl.col(f"{place}_media").list.eval(pl.element().filter(is_one)).cast(pl.List(ATTACHED))


def lacks_bytes(*places: str) -> pl.Expr:
    """Tell whether a medium in one of these places is not there."""
    return pl.any_horizontal(
        pl.col(f"{place}_media").list.eval(~pl.element().struct["is_there"]).list.any() for place in places
    )
