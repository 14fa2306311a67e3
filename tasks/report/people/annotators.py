"""Annotators: how the agreement of single people with the others is spread, and who stands out by which habit."""

from __future__ import annotations

import polars as pl

FEWEST_VOTES = 5
BARS = 20
# By chance alone, about 3 of 1,000 people lie further from their source's mean.
_FURTHEST_BY_CHANCE = 3.0
# With thousands of votes, differences that do not matter are beyond chance too.
_LEAST_DISTANCE = 0.1


def spread_of_agreement(annotators: pl.DataFrame) -> pl.DataFrame:
    """Count the annotators with at least 5 comparable votes by how often they agree: `start` of each bar, `people`."""
    known = annotators.filter(pl.col("annotator_votes") >= FEWEST_VOTES).drop_nulls("annotator_agreement")
    at = (pl.col("annotator_agreement") * BARS + 1e-9).floor().clip(0, BARS - 1).cast(pl.Int64)
    counted = known.group_by(at=at).agg(people=pl.len().cast(pl.Int64))
    every = pl.DataFrame({"at": range(BARS)}, schema={"at": pl.Int64}).join(counted, on="at", how="left")
    return every.sort("at").select(start=pl.col("at") / BARS, people=pl.col("people").fill_null(0))


def standing_out(annotators: pl.DataFrame) -> pl.DataFrame:
    """List those whose habits are 0.1 and 3 standard errors from their source's mean, the furthest first.

    Returns annotator_id, source, habit (`agrees`: less often than others; `first` or `longer`: prefers it more or less
    often), share, usual (the source's mean), votes, and `z`, the distance in standard errors.
    """
    decided = pl.col("judgments") * (1 - pl.col("annotator_tie_share").fill_null(0.0))
    habits = {
        "agrees": ("annotator_agreement", pl.col("annotator_votes").cast(pl.Float64)),
        "first": ("annotator_first_share", decided.cast(pl.Float64)),
        "longer": ("annotator_longer_share", decided.cast(pl.Float64)),
    }
    parts = [_habit(annotators, habit, column, votes) for habit, (column, votes) in habits.items()]
    told = pl.concat(parts).filter(
        pl.col("z").abs() > _FURTHEST_BY_CHANCE,
        (pl.col("share") - pl.col("usual")).abs() >= _LEAST_DISTANCE,
        (pl.col("habit") != "agrees") | (pl.col("z") < 0),
    )
    return told.sort(-pl.col("z").abs(), "source", "annotator_id", "habit")


def _habit(annotators: pl.DataFrame, habit: str, column: str, votes: pl.Expr) -> pl.DataFrame:
    known = annotators.select("annotator_id", "source", share=column, votes=votes.round()).filter(
        pl.col("share").is_not_null(), pl.col("votes") >= FEWEST_VOTES
    )
    usual = ((pl.col("share") * pl.col("votes")).sum() / pl.col("votes").sum()).over("source")
    error = (pl.col("usual") * (1 - pl.col("usual")) / pl.col("votes")).sqrt()
    return known.with_columns(usual=usual, habit=pl.lit(habit)).select(
        "annotator_id", "source", "habit", "share", "usual", pl.col("votes").cast(pl.Int64),
        z=pl.when(error > 1e-9).then((pl.col("share") - pl.col("usual")) / error),
    )  # fmt: skip
