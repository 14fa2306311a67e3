"""Together: how well words and media go with each other, answer by answer."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import polars as pl

from schemas.stage import Stage
from tasks.embed.image_text.scores import clip_score
from tasks.embed.stored import Stored

# The vectors of so many answers are in memory at a time.
_AT_ONCE: Final = 1 << 16


class Together(Stage):
    """Score each answer whose medium and whose words have vectors by `model`; others have no score."""

    version = 1
    reads: ClassVar = ("_beside", "embeddings")
    model: str

    def __call__(self, beside: pl.LazyFrame, embeddings: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_scores`: record_id, response_id and `clip_score`."""
        told, stored = (
            beside.unique(["record_id", "response_id"]).sort("media_id", "content_id").collect(),
            Stored(embeddings),
        )
        parts = [_scored(part, stored) for part in told.iter_slices(_AT_ONCE)] or [_scored(told, stored)]
        return {"_scores": pl.concat(parts).drop_nulls("clip_score").sort("record_id", "response_id")}


def _scored(told: pl.DataFrame, stored: Stored) -> pl.DataFrame:
    pictures, words = (stored.read_distinct(told[column]) for column in ("media_id", "content_id"))
    has_both = np.any(pictures != 0, axis=1) & np.any(words != 0, axis=1)
    scores = clip_score(pictures, words) if has_both.any() else np.zeros(len(has_both))
    return told.select("record_id", "response_id").with_columns(
        clip_score=pl.when(pl.Series(has_both, dtype=pl.Boolean)).then(pl.Series(scores, dtype=pl.Float64))
    )
