"""Together: how well words and media go with each other, answer by answer."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import polars as pl

from schemas.stage import Stage
from tasks.embed.image_text.scores import Numbers, clip_score, row_cosines
from tasks.embed.stored import Stored
from tasks.embed.together.captions import CAPTION_ID

# The vectors of so many answers are in memory at a time.
_AT_ONCE: Final = 1 << 16


class Together(Stage):
    """Score each answer whose medium and whose words have vectors by `model`; others have no score.

    `clip_score` is CLIPScore (Hessel et al. 2021), `caption_similarity` the cosine of the words with what a model says
    is on the picture, `f_clip_score` what words that are off take away (Nam et al. 2025).
    """

    version = 1
    reads: ClassVar = ("_beside", "embeddings", "captions", "_alignments")
    model: str

    def __call__(
        self,
        beside: pl.LazyFrame,
        embeddings: pl.LazyFrame,
        captions: pl.LazyFrame | None = None,
        alignments: pl.LazyFrame | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Return `_scores`: record_id, response_id and the scores, null where something is missing."""
        told = beside.unique(["record_id", "response_id"]).sort("media_id", "content_id").collect()
        told = _with_captions(told, captions)
        stored = Stored(embeddings)
        scored = pl.concat([_scored(part, stored) for part in told.iter_slices(_AT_ONCE)] or [_scored(told, stored)])
        if alignments is None:
            whole = scored.with_columns(f_clip_score=pl.lit(None, pl.Float64))
        else:
            off = alignments.select("media_id", "content_id", "f_clip_score").unique(["media_id", "content_id"])
            whole = scored.join(off.collect(), on=["media_id", "content_id"], how="left")
        scores = whole.drop("media_id", "content_id", "caption_id")
        return {"_scores": scores.drop_nulls("clip_score").sort("record_id", "response_id")}


def _with_captions(told: pl.DataFrame, captions: pl.LazyFrame | None) -> pl.DataFrame:
    if captions is None:
        return told.with_columns(caption_id=pl.lit(None, pl.String))
    said = captions.select("media_id", "text").unique("media_id").collect().with_columns(caption_id=CAPTION_ID)
    return told.join(said.select("media_id", "caption_id"), on="media_id", how="left", maintain_order="left")


def _scored(told: pl.DataFrame, stored: Stored) -> pl.DataFrame:
    pictures, words, captions = (
        stored.read_distinct(told[column].fill_null("")) for column in ("media_id", "content_id", "caption_id")
    )
    return told.with_columns(
        clip_score=_where_known(pictures, words, clip_score(*_alike(pictures, words))),
        caption_similarity=_where_known(captions, words, row_cosines(*_alike(captions, words))),
    )


def _alike(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give both the same width: where nothing was found there is only one column of zeros."""
    width = max(one.shape[1], other.shape[1])
    left, right = (np.pad(each, ((0, 0), (0, width - each.shape[1]))) for each in (one, other))
    return left, right


def _where_known(one: np.ndarray, other: np.ndarray, scores: Numbers) -> pl.Series:
    is_known = np.any(one != 0, axis=1) & np.any(other != 0, axis=1)
    return pl.Series(np.where(is_known, scores, np.nan), dtype=pl.Float64).fill_nan(None)
