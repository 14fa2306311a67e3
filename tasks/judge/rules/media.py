"""From measures of media to metrics of pairs: those of the first medium of the prompt and of each answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from schemas.rules.metrics import HARMS, MEDIA_MEASURES, METRICS, SCORE_MEASURES, Metric


class MediaTables(NamedTuple):
    """What is known of media: which stand where, what they are, what was measured, and how they go with words."""

    attachments: pl.LazyFrame | None
    media: pl.LazyFrame | None
    metrics: pl.LazyFrame | None
    harms: pl.LazyFrame | None
    scores: pl.LazyFrame | None


def with_media(pairs: pl.LazyFrame, known: MediaTables, names: Sequence[str]) -> pl.LazyFrame:
    """Add to pairs what the metrics `names` need to know of media, null where there are none.

    The columns are named as `tasks.judge.rules.metrics` reads them: `prompt_M`, `chosen:M`, `rejected:M`.
    """
    wanted = [METRICS[name] for name in names if name in METRICS]
    of_media = [metric for metric in wanted if metric.measure in MEDIA_MEASURES]
    scored = [metric for metric in wanted if metric.measure in SCORE_MEASURES]
    return _with_scores(_with_measures(pairs, known, of_media), known.scores, scored)


def _with_measures(pairs: pl.LazyFrame, known: MediaTables, wanted: Sequence[Metric]) -> pl.LazyFrame:
    measures = list(dict.fromkeys(metric.measure for metric in wanted))
    if not measures:
        return pairs
    if known.attachments is None or known.media is None or known.metrics is None:
        return pairs.with_columns(_nothing(measures, ("prompt_", "chosen:", "rejected:")))
    about = known.media.join(known.metrics, on="media_id", how="left")
    if known.harms is not None:
        about = about.join(known.harms.unique("media_id"), on="media_id", how="left")
    else:
        about = about.with_columns(pl.lit(None, pl.Float64).alias(name) for name in HARMS)
    about = about.select("media_id", *measures)
    content = known.attachments.filter(pl.col("role") == "content").sort("target_id", "index")
    first = content.group_by("target", "target_id").agg(pl.col("media_id").first()).join(about, on="media_id")
    parts = (
        ("prompt", "record_id", "prompt_"),
        ("response", "chosen_id", "chosen:"),
        ("response", "rejected_id", "rejected:"),
    )
    for target, key, prefix in parts:
        own = first.filter(pl.col("target") == target).select(
            pl.col("target_id").alias(key), *[pl.col(name).alias(f"{prefix}{name}") for name in measures]
        )
        pairs = pairs.join(own, on=key, how="left")
    return pairs


def _with_scores(pairs: pl.LazyFrame, scores: pl.LazyFrame | None, wanted: Sequence[Metric]) -> pl.LazyFrame:
    measures = list(dict.fromkeys(metric.measure for metric in wanted))
    if not measures:
        return pairs
    if scores is None:
        return pairs.with_columns(_nothing(measures, ("chosen:", "rejected:")))
    for side in ("chosen", "rejected"):
        own = scores.select(
            "record_id",
            pl.col("response_id").alias(f"{side}_id"),
            *[pl.col(name).alias(f"{side}:{name}") for name in measures],
        )
        pairs = pairs.join(own, on=["record_id", f"{side}_id"], how="left")
    return pairs


def _nothing(measures: Sequence[str], prefixes: Sequence[str]) -> list[pl.Expr]:
    types = {metric.measure: metric.dtype for metric in METRICS.values()}
    return [pl.lit(None, types[name]).alias(f"{prefix}{name}") for prefix in prefixes for name in measures]
