"""From measures of texts to metrics of pairs: left and right become chosen and rejected."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from schemas.rules.metrics import METRICS, Metric, answer_measures


def with_metrics(pairs: pl.LazyFrame, measured: pl.LazyFrame, names: Iterable[str]) -> pl.LazyFrame:
    """Add the metrics `names`, and whether an answer or the prompt is blank, to pairs that know `is_left_chosen`.

    `measured` is what `tasks.measure` says of the pairs; a metric of what is missing is null.
    """
    # What is measured of media stands beside the pairs already (`tasks.judge.rules.media`).
    wanted = {name: METRICS[name] for name in names if name in METRICS}
    is_left = pl.col("is_left_chosen")
    sides = []
    for measure in ("is_blank", *answer_measures(wanted)):
        left, right = pl.col(f"left_{measure}"), pl.col(f"right_{measure}")
        sides.append(pl.when(is_left).then(left).otherwise(right).alias(_side("chosen", measure)))
        sides.append(pl.when(is_left).then(right).otherwise(left).alias(_side("rejected", measure)))
    return (
        pairs.join(measured.drop("pair_key"), on="pair_id", how="left")
        .with_columns(sides)
        .with_columns(
            *[_value(metric).alias(name) for name, metric in wanted.items()],
            is_empty=pl.col(_side("chosen", "is_blank")) | pl.col(_side("rejected", "is_blank")),
            is_prompt_empty="prompt_is_blank",
        )
    )


def _side(part: str, measure: str) -> str:
    """Name a measure of one side so that it is no metric's name: only what is named shall be there under its name."""
    return f"{part}:{measure}"


def _value(metric: Metric) -> pl.Expr:
    chosen, rejected = pl.col(_side("chosen", metric.measure)), pl.col(_side("rejected", metric.measure))
    if metric.part == "prompt":
        return pl.col(f"prompt_{metric.measure}")
    if metric.part == "gap":
        return chosen - rejected
    if metric.part == "ratio":
        shorter, longer = pl.min_horizontal(chosen, rejected), pl.max_horizontal(chosen, rejected)
        return pl.when(shorter > 0).then(longer / shorter)
    if metric.part == "lower":
        return pl.min_horizontal(chosen, rejected)
    return chosen if metric.part == "chosen" else rejected
