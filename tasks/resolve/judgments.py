"""Comparisons, rankings and ratings, all said in one form: a judgment between two responses of a record.

A judgment names the responses `a` and `b`, how many votes it holds for each of them (`votes_a`, `votes_b`), for
neither (`votes_tie`) or against both (`votes_bad`), and how strongly (`strength`, positive for a).
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from schemas.identity import digest

RankingPairs = Literal["all", "adjacent", "extremes"]
COLUMNS = [
    "judgment_id", "record_id", "dimension", "annotator_id", "a", "b",
    "votes_a", "votes_b", "votes_tie", "votes_bad", "strength", "outcome",
]  # fmt: skip


def from_comparisons(comparisons: pl.DataFrame) -> pl.DataFrame:
    """Read the valid comparisons as judgments; one that sums up several people counts as that many votes."""
    outcome = pl.col("outcome")
    votes = pl.col("n_votes").fill_null(1).cast(pl.Float64)
    share_a = pl.col("vote_share_a").fill_null(outcome.replace_strict({"a": 1.0, "b": 0.0}, default=None))
    return comparisons.filter(outcome != "invalid").select(
        "record_id", "dimension", "annotator_id", "a", "b", "outcome",
        judgment_id="comparison_id",
        votes_a=(votes * share_a).fill_null(0.0),
        votes_b=(votes * (1.0 - share_a)).fill_null(0.0),
        votes_tie=pl.when((outcome == "tie") & share_a.is_null()).then(votes).otherwise(0.0),
        votes_bad=pl.when(outcome == "both_bad").then(votes).otherwise(0.0),
        strength=pl.col("strength").fill_null(outcome.replace_strict({"a": 1.0, "b": -1.0}, default=0.0)),
    ).select(COLUMNS)  # fmt: skip


def from_rankings(rankings: pl.DataFrame, responses: pl.DataFrame, pairs: RankingPairs) -> pl.DataFrame:
    """Read rankings as judgments of the pairs that `pairs` asks for: all, neighbours in rank, or best against worst.

    Rank 1 beats rank 2; equal ranks are a tie. The strength is the gap in ranks as a share of the widest gap.
    """
    ranked = rankings.select(
        "record_id", "dimension", "annotator_id", "response_id",
        place=pl.col("rank").rank("dense").over(_LIST).cast(pl.Int64),
        score=-pl.col("rank"),
    )  # fmt: skip
    widest = pl.col("score").max().over(_LIST) - pl.col("score").min().over(_LIST)
    return _compare(ranked.with_columns(span=widest), responses, pairs, kind="ranking")


def from_ratings(ratings: pl.DataFrame, responses: pl.DataFrame, pairs: RankingPairs) -> pl.DataFrame:
    """Read one person's ratings of several responses as judgments: the higher grade wins, equal grades tie.

    The strength is the gap in grades as a share of the scale.
    """
    rated = ratings.filter((pl.col("target") == "response") & pl.col("value").is_not_null()).select(
        "record_id", "dimension", "annotator_id",
        response_id="target_id",
        place=pl.col("value").rank("dense", descending=True).over(_LIST).cast(pl.Int64),
        score=pl.col("value"),
        span=pl.col("scale_max") - pl.col("scale_min"),
    )  # fmt: skip
    return _compare(rated, responses, pairs, kind="rating")


_LIST = ["record_id", "dimension", "annotator_id"]


def _compare(scored: pl.DataFrame, responses: pl.DataFrame, pairs: RankingPairs, kind: str) -> pl.DataFrame:
    """Set every two scored responses of one list against each other, the earlier one of the record as a."""
    placed = scored.join(responses.select("record_id", "response_id", "index"), on=["record_id", "response_id"])
    placed = placed.unique([*_LIST, "response_id"], keep="first", maintain_order=True)
    both = placed.join(placed, on=_LIST, suffix="_b", nulls_equal=True).filter(pl.col("index") < pl.col("index_b"))
    gap = pl.col("score") - pl.col("score_b")
    outcome = pl.when(gap > 0).then(pl.lit("a")).when(gap < 0).then(pl.lit("b")).otherwise(pl.lit("tie"))
    return (
        _choose(both, pairs)
        .with_columns(outcome=outcome, strength=(gap / pl.col("span")).fill_nan(0.0).clip(-1.0, 1.0))
        .select(
            "record_id", "dimension", "annotator_id", "outcome", "strength",
            a="response_id",
            b="response_id_b",
            votes_a=(pl.col("outcome") == "a").cast(pl.Float64),
            votes_b=(pl.col("outcome") == "b").cast(pl.Float64),
            votes_tie=(pl.col("outcome") == "tie").cast(pl.Float64),
            votes_bad=pl.lit(0.0),
            judgment_id=digest(pl.lit(kind), *_LIST, "response_id", "response_id_b"),
        )
        .select(COLUMNS)
    )  # fmt: skip


def _choose(both: pl.DataFrame, pairs: RankingPairs) -> pl.DataFrame:
    if pairs == "all":
        return both
    places = pl.min_horizontal("place", "place_b"), pl.max_horizontal("place", "place_b")
    if pairs == "adjacent":
        return both.filter(places[1] - places[0] <= 1)
    last = pl.max_horizontal("place", "place_b").max().over(_LIST)
    return both.filter((places[0] == 1) & (places[1] == last))
