"""Near copies among the pairs that would be kept: contradictions are settled by votes, of the rest the first stay."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.reasons import Reason
from schemas.stage import Stage
from schemas.tables import DERIVED
from tasks.judge.evidence import as_decisions
from tasks.judge.preference import Keep, by_preference
from tasks.judge.slices import digest_slices

NEAR = pl.Schema({"a": pl.String, "b": pl.String, "score": pl.Float64, "is_parallel": pl.Boolean})
_FATES = pl.Schema({"pair_id": pl.String, "near": pl.String, "near_partner": pl.String, "near_score": pl.Float64})
_CONTRADICTIONS = pl.Schema(DERIVED["contradictions"])
_SIDE = ["pair_key", "dimension", "at", "pair_id", "source", "n_votes", "outcome"]

Policy = Literal["keep", "drop", "majority"]


class Settled(NamedTuple):
    """Which pairs near copies cost, with the reason, the partner and the score; and their contradictions."""

    fates: pl.DataFrame
    contradictions: pl.DataFrame


class SettleNear(Stage):
    """Drop near copies among the pairs that were chosen."""

    reads: ClassVar = ("_chosen", "_near", "responses")
    keep: Keep = "first"
    contradictions: Policy = "majority"

    def __call__(self, chosen: pl.LazyFrame, near: pl.LazyFrame, responses: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_fates` (pair_id, shard, near: the reason), `_fate_slices`, `decisions` and `contradictions`.

        `near` (a, b, score, is_parallel) names pairs of nearly the same texts by their keys.
        """
        edges = near.collect()
        touched = pl.concat([edges["a"], edges["b"]]).unique().to_frame("pair_key").lazy()
        kept = chosen.filter(pl.col("reason").is_null()).join(touched, on="pair_key", how="semi").collect()
        settled = settle_near(by_preference(kept, responses, self.keep), edges, self.contradictions)
        lost = settled.fates.join(kept, on="pair_id", maintain_order="left")
        fates = lost.select("pair_id", "shard", "near")
        told = lost.select(
            subject_id="pair_id", subject=pl.lit("pair"), stage=pl.lit("near"), action=pl.lit("drop"), reason="near",
            value=pl.struct("n_votes", "agreement", "margin").struct.json_encode(),
            partner_id="near_partner", score="near_score",
        )  # fmt: skip
        return {
            "_fates": fates,
            "_fate_slices": digest_slices(fates),
            "decisions": as_decisions(told),
            "contradictions": settled.contradictions,
        }


def settle_near(kept: pl.DataFrame, near: pl.DataFrame, policy: Policy) -> Settled:
    """Settle the near copies among `kept`, which is sorted so that the preferred pair of any two comes first.

    Near copies with opposite answers are contradictions. By `majority`, each pair is voted on by itself, by its near
    copies that agree, and by those that do not: the minority goes, and all go if there is none. Of near copies that
    agree, a pair is dropped only for a pair that stays. A tie neither agrees with an answer nor contradicts it.
    """
    if near.is_empty():
        return Settled(_FATES.to_frame(), _CONTRADICTIONS.to_frame())
    edges = _edges(kept, near)
    opposed = edges.filter("is_opposed")
    agreed = edges.filter("is_agreed")
    lost = _lost(opposed, agreed, policy)
    is_gone = pl.col("at").is_in(lost["at"].implode()) | pl.col("at_other").is_in(lost["at"].implode())
    copies = _copies(agreed.filter(~is_gone), kept.height)
    ids = kept["pair_id"]
    fates = pl.concat([lost, copies]).select(
        ids.gather(pl.concat([lost["at"], copies["at"]])),
        "near",
        near_partner=ids.gather(pl.concat([lost["partner"], copies["partner"]])),
        near_score="score",
    )
    return Settled(fates, _contradictions(opposed))


def _edges(kept: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """Put the two pairs of every edge side by side, the preferred one first."""
    outcome = pl.when("tie").then(0).when("is_left_chosen").then(1).otherwise(-1)
    sides = kept.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64), outcome=outcome).select(_SIDE)
    there = pl.concat([near, near.rename({"a": "b", "b": "a"}).select(near.columns)])
    edges = (
        there.join(sides, left_on="a", right_on="pair_key")
        .join(sides, left_on=["b", "dimension"], right_on=["pair_key", "dimension"], suffix="_other")
        .filter(pl.col("at") < pl.col("at_other"))
    )
    turned = pl.when("is_parallel").then("outcome_other").otherwise(-pl.col("outcome_other"))
    is_told = pl.col("is_parallel").is_not_null()
    return edges.with_columns(
        is_agreed=is_told & (pl.col("outcome") == turned),
        is_opposed=is_told & (pl.col("outcome") == -turned) & (turned != 0),
    )


def _both_ways(edges: pl.DataFrame) -> pl.DataFrame:
    there = edges.select("at", "score", other="at_other", votes="n_votes", votes_other="n_votes_other")
    back = edges.select("score", at="at_other", other="at", votes="n_votes_other", votes_other="n_votes")
    return pl.concat([there, back.select(there.columns)])


def _lost(opposed: pl.DataFrame, agreed: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Name the pairs that contradictions cost, each with its strongest opponent."""
    if policy == "keep":
        opposed = opposed.clear()
    against = _both_ways(opposed).sort(-pl.col("votes_other"), "other")
    disputed = against.group_by("at", maintain_order=True).agg(
        pl.col("votes", "score").first(), partner=pl.col("other").first(), opposition=pl.col("votes_other").sum()
    )
    friends = _both_ways(agreed).group_by("at").agg(support=pl.col("votes_other").sum())
    counted = disputed.join(friends, on="at", how="left").with_columns(
        support=pl.col("votes") + pl.col("support").fill_null(0)
    )
    is_even = pl.lit(policy == "drop") | (pl.col("support") == pl.col("opposition"))
    fate = (
        pl.when(is_even).then(pl.lit(Reason.contradictory.value))
        .when(pl.col("support") < pl.col("opposition")).then(pl.lit(Reason.outvoted.value))
    )  # fmt: skip
    return counted.select("at", "partner", "score", near=fate).filter(pl.col("near").is_not_null())


def _copies(agreed: pl.DataFrame, count: int) -> pl.DataFrame:
    """Name the pairs that have a near copy before them which stays itself, and the nearest such copy."""
    first, second = agreed["at"].to_numpy(), agreed["at_other"].to_numpy()
    stays = _staying(first, second, count)
    is_star = stays[first] & ~stays[second]
    return (
        agreed.filter(pl.Series(is_star))
        .sort(-pl.col("score"), "at")
        .unique("at_other", keep="first", maintain_order=True)
        .select(at="at_other", partner="at", score="score", near=pl.lit(Reason.near_duplicate.value))
    )


def _staying(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.bool_]:
    """Let each of `count` things stay unless something before it that stays is near it; decided in waves."""
    stays = np.zeros(count, np.bool_)
    is_open = np.ones(count, np.bool_)
    while is_open.any():
        is_open[second[stays[first]]] = False
        waits = np.zeros(count, np.bool_)
        waits[second[is_open[first]]] = True
        stays |= is_open & ~waits
        is_open &= waits
    return stays


def _contradictions(opposed: pl.DataFrame) -> pl.DataFrame:
    """Write down every contradiction: a is the preferred pair, b its near copy, `ids` are their pair ids."""
    lead = pl.col("n_votes") - pl.col("n_votes_other")
    return opposed.select(
        "dimension",
        pair_key="a",
        ids=pl.concat_list("pair_id", "pair_id_other"),
        sources=pl.concat_list("source", "source_other").list.unique().list.sort(),
        votes_a=pl.col("n_votes").cast(pl.Float64),
        votes_b=pl.col("n_votes_other").cast(pl.Float64),
        method=pl.lit("near"),
        settled=pl.when(lead > 0).then(pl.lit("a")).when(lead < 0).then(pl.lit("b")).otherwise(pl.lit("even")),
    ).select(_CONTRADICTIONS.names())
