"""What can be measured in media: the features that need no model, beside the counts of texts."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import polars as pl

from schemas.tables import DERIVED
from training.head.design import Floats
from training.head.hand import hand_features

_SIZES: Final = ["bytes", "width", "height", "duration_s", "fps", "frames", "sample_rate", "channels"]
_MEASURES: Final = [name for name in DERIVED["media_metrics"].names if name != "media_id"]
# What spans orders of magnitude is taken by its logarithm: twice as much is as much at ten as at a thousand.
_LOGS: Final = [*_SIZES, "sharpness", "cuts", "motion"]
# Durations are compared as milliseconds, so that a clip of half a second has a length, too.
_MILLISECONDS: Final = 1000.0


class Hand(NamedTuple):
    """Features row by row (n, h), their names, and what stands for a measure that does not apply."""

    features: Floats
    names: list[str]
    filling: dict[str, float]


def measures_of(contents: pl.DataFrame, media: pl.DataFrame) -> pl.DataFrame:
    """Average the measures of each content's media: a row a content, in their order; null where there are none.

    `media` has the columns of the tables `media` and `media_metrics`.
    """
    known = media.select("media_id", *[pl.col(name).cast(pl.Float64) for name in (*_SIZES, *_MEASURES)])
    logs = [pl.col(name).clip(lower_bound=0.0).log1p() for name in _LOGS]
    each = (
        contents.select("content_id", media_id="media")
        .explode("media_id", keep_nulls=False, empty_as_null=False)
        .join(known.with_columns(logs), on="media_id", how="left")
    )
    means = each.group_by("content_id").agg(pl.col(_SIZES + _MEASURES).mean())
    found = contents.select("content_id").join(means, on="content_id", how="left", maintain_order="left")
    return found.drop("content_id").fill_nan(None)


def media_hand(contents: pl.DataFrame, measures: pl.DataFrame, learnt_from: pl.Series) -> Hand:
    """Count in the texts of `contents` and put the `measures` of their media beside, with no nulls.

    A measure that does not apply is the mean of the contents `learnt_from`, and an indicator says so.
    """
    is_seen = contents["content_id"].is_in(learnt_from.unique().implode())
    means = measures.filter(is_seen).mean()
    filling = {name: float(means[name][0] or 0.0) for name in measures.columns}
    texts = hand_features(contents.select("text"))
    whole = pl.concat(
        [
            texts,
            measures.with_columns(pl.col(name).fill_null(value) for name, value in filling.items()),
            measures.select(pl.all().is_null().cast(pl.Float64).name.suffix("_unknown")),
        ],
        how="horizontal",
    )
    return Hand(whole.to_numpy().astype(np.float32), whole.columns, filling)


def lengths_of(contents: pl.DataFrame, media: pl.DataFrame) -> pl.DataFrame:
    """Say how long each content is (content_id, length): characters of a text, milliseconds, or pixels of a picture.

    Of several media the first counts, and a medium counts before a text. Null where nobody knows.
    """
    long = pl.coalesce(pl.col("duration_s") * _MILLISECONDS, (pl.col("width") * pl.col("height")).cast(pl.Float64))
    known = media.select(first="media_id", length=long)
    chars = pl.col("text").str.len_chars().cast(pl.Float64)
    return (
        contents.with_columns(first=pl.col("media").list.first())
        .join(known, on="first", how="left", maintain_order="left")
        .select("content_id", length=pl.when(pl.col("first").is_null()).then(chars).otherwise("length"))
    )
