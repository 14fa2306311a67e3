"""Near copies and semantic twins among the pairs that would be kept: of those that agree, the first stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.reasons import Reason
from schemas.stage import Stage
from schemas.tables import DERIVED
from tasks.judge.copies.preference import Keep, by_preference
from tasks.judge.evidence import as_decisions
from tasks.judge.slices import digest_slices

NEAR = pl.Schema({"a": pl.String, "b": pl.String, "score": pl.Float64, "is_parallel": pl.Boolean})
_FATES = pl.Schema(
    {
        "pair_id": pl.String,
        "near": pl.String,
        "near_partner": pl.String,
        "near_score": pl.Float64,
        "method": pl.String,
    }
)
_CONTRADICTIONS = pl.Schema(DERIVED["contradictions"])
_LOST = pl.Schema({"at": pl.Int64, "partner": pl.Int64, "score": pl.Float64, "near": pl.String, "method": pl.String})
_REASONS = {"near": Reason.near_duplicate.value, "semantic": Reason.semantic_duplicate.value}
_COUNTS = pl.Schema({"edge": pl.UInt32, "votes_a": pl.Float64, "votes_b": pl.Float64})
_SIDE = ["pair_key", "dimension", "at", "pair_id", "source", "outcome"]
# So many contradictions are counted at a time; each may have hundreds of copies that vote on it.
_AT_ONCE = 1 << 14

Policy = Literal["keep", "drop", "majority"]


class Settled(NamedTuple):
    """Which pairs their copies cost, with reason, partner, score and method; and the contradictions between copies."""

    fates: pl.DataFrame
    contradictions: pl.DataFrame


class Found(NamedTuple):
    """What one method found: pairs (a, b, score, is_parallel) by their keys, and what becomes of contradictions."""

    method: str
    edges: pl.DataFrame
    policy: Policy


class SettleNear(Stage):
    """Drop near copies and semantic twins among the pairs that were chosen.

    `contradictions` says what becomes of near copies with opposite answers, `opposed_twins` of such semantic twins.
    """

    version = 2
    reads: ClassVar = ("_chosen", "responses", "_near", "_semantic")
    keep: Keep = "first"
    contradictions: Policy = "majority"
    opposed_twins: Policy = "keep"

    def __call__(
        self,
        chosen: pl.LazyFrame,
        responses: pl.LazyFrame,
        near: pl.LazyFrame | None = None,
        semantic: pl.LazyFrame | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Return `_fates` (pair_id, shard, near: the reason), `_fate_slices`, `decisions` and `contradictions`.

        `near` and `semantic` (a, b, score, is_parallel) name pairs that are alike by their keys.
        """
        found = [
            Found("near", NEAR.to_frame() if near is None else near.collect(), self.contradictions),
            Found("semantic", NEAR.to_frame() if semantic is None else semantic.collect(), self.opposed_twins),
        ]
        touched = pl.concat([each.edges[side] for each in found for side in ("a", "b")]).unique()
        is_touched = touched.to_frame("pair_key").lazy()
        kept = chosen.filter(pl.col("reason").is_null()).join(is_touched, on="pair_key", how="semi").collect()
        settled = settle(by_preference(kept, responses, self.keep), found)
        lost = settled.fates.join(kept, on="pair_id", maintain_order="left")
        fates = lost.select("pair_id", "shard", "near")
        told = lost.select(
            subject_id="pair_id", subject=pl.lit("pair"), stage="method", action=pl.lit("drop"), reason="near",
            value=pl.struct("n_votes", "agreement", "margin").struct.json_encode(),
            partner_id="near_partner", score="near_score",
        )  # fmt: skip
        return {
            "_fates": fates,
            "_fate_slices": digest_slices(fates),
            "decisions": as_decisions(told),
            "contradictions": settled.contradictions,
        }


def settle(kept: pl.DataFrame, found: Sequence[Found]) -> Settled:
    """Settle the copies among `kept`, which is sorted so that the preferred pair of any two comes first.

    Copies with opposite answers are contradictions. What counts are all votes on the two and on the pairs that are
    alike with one of them by the same method, unless those agree with both; an outvoted vote counts for the answer it
    was given to. By `majority` the pair with fewer votes goes, and both go if they have as many, so no two that stay
    contradict each other. Of copies that agree, a pair is dropped only for a pair that stays. A tie neither agrees
    with an answer nor contradicts it. What an earlier method found or lost is left to it by the later ones.
    """
    agreed: list[pl.DataFrame] = []
    lost, known, told = _LOST.to_frame(), NEAR.to_frame(), [_CONTRADICTIONS.to_frame()]
    for method, near, policy in found:
        if near.is_empty():
            continue
        edges = _without(_edges(kept, _unknown(near, known)), lost)
        opposed = _counted(edges, kept)
        lost = pl.concat([lost, _lost(opposed, policy).with_columns(method=pl.lit(method)).select(_LOST.names())])
        agreed.append(edges.filter("is_agreed").with_columns(method=pl.lit(method), nth=len(agreed)))
        told.append(_contradictions(opposed, method))
        known = pl.concat([known, near])
    if not agreed:
        return Settled(_FATES.to_frame(), told[0])
    fates = pl.concat([lost, _copies(_without(pl.concat(agreed), lost), kept.height).select(_LOST.names())])
    ids = kept["pair_id"]
    named = fates.select(
        ids.gather(fates["at"]), "near", near_partner=ids.gather(fates["partner"]), near_score="score", method="method"
    )
    return Settled(named, pl.concat(told))


def _unknown(near: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Leave out what an earlier method found: two pairs are told once."""
    ends = [pl.min_horizontal("a", "b").alias("low"), pl.max_horizontal("a", "b").alias("high")]
    left = near.with_columns(ends).join(known.select(ends), on=["low", "high"], how="anti", maintain_order="left")
    return left.select(near.columns)


def _without(edges: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    is_lost = pl.col("at").is_in(lost["at"].implode()) | pl.col("at_other").is_in(lost["at"].implode())
    return edges.filter(~is_lost)


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


def _counted(edges: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return the edges that are contradictions, with the votes for the answer of either side and who has more."""
    votes = kept.select(
        other=pl.int_range(pl.len(), dtype=pl.Int64),
        votes=pl.col("n_votes") * pl.col("vote_share"),
        against=pl.col("n_votes") * (1 - pl.col("vote_share")),
    )
    sided = pl.col("is_agreed").cast(pl.Int64) - pl.col("is_opposed").cast(pl.Int64)
    there = edges.select("at", "at_other", lean=sided).filter(pl.col("lean") != 0)
    back = there.select(at="at_other", at_other="at", lean="lean")
    own = votes.select(at="other", at_other="other", lean=pl.lit(1, pl.Int64))
    known = pl.concat([own, there, back]).rename({"at_other": "other"})
    opposed = edges.filter("is_opposed").sort("at", "at_other").with_row_index("edge")
    parts = [_count(part, known, votes) for part in opposed.iter_slices(_AT_ONCE)]
    lead = pl.col("votes_a") - pl.col("votes_b")
    settled = pl.when(lead > 0).then(pl.lit("a")).when(lead < 0).then(pl.lit("b")).otherwise(pl.lit("even"))
    return opposed.join(pl.concat([_COUNTS.to_frame(), *parts]), on="edge", maintain_order="left").with_columns(
        settled=settled
    )


def _count(opposed: pl.DataFrame, known: pl.DataFrame, votes: pl.DataFrame) -> pl.DataFrame:
    """Sum the votes on each contradiction; who leans to one of the two pairs as much as to the other has none."""
    ballots = pl.concat([
        opposed.select("edge", "at").join(known, on="at").select("edge", "other", "lean"),
        opposed.select("edge", at="at_other").join(known, on="at").select("edge", "other", lean=-pl.col("lean")),
    ])  # fmt: skip
    cast = ballots.group_by("edge", "other").agg(pl.col("lean").sum()).filter(pl.col("lean") != 0)
    leans_to_a = pl.col("lean") > 0
    # Shares are thirds and the like: what differs by their rounding alone is even.
    return (
        cast.join(votes, on="other")
        .group_by("edge")
        .agg(
            votes_a=pl.when(leans_to_a).then("votes").otherwise("against").sum().round(6),
            votes_b=pl.when(leans_to_a).then("against").otherwise("votes").sum().round(6),
        )
        .select(_COUNTS.names())
    )


def _lost(opposed: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Name the pairs that contradictions cost, each with its strongest opponent."""
    if policy == "keep":
        opposed = opposed.clear()
    is_even = pl.lit(policy == "drop") | (pl.col("settled") == "even")
    first = opposed.filter(is_even | (pl.col("settled") == "b")).select(
        "at", "score", partner="at_other", votes="votes_b", is_even=is_even
    )
    second = opposed.filter(is_even | (pl.col("settled") == "a")).select(
        "score", at="at_other", partner="at", votes="votes_a", is_even=is_even
    )
    losses = pl.concat([first, second.select(first.columns)]).sort("is_even", -pl.col("votes"), "partner")
    fate = pl.when("is_even").then(pl.lit(Reason.contradictory.value)).otherwise(pl.lit(Reason.outvoted.value))
    return losses.unique("at", keep="first", maintain_order=True).select("at", "partner", "score", near=fate)


def _copies(agreed: pl.DataFrame, count: int) -> pl.DataFrame:
    """Name the pairs that have a copy before them which stays itself, and the nearest such copy by the first method."""
    first, second = agreed["at"].to_numpy(), agreed["at_other"].to_numpy()
    stays = _staying(first, second, count)
    is_star = stays[first] & ~stays[second]
    return (
        agreed.filter(pl.Series(is_star))
        .sort("nth", -pl.col("score"), "at")
        .unique("at_other", keep="first", maintain_order=True)
        .select(
            at="at_other", partner="at", score="score", near=pl.col("method").replace_strict(_REASONS), method="method"
        )
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


def _contradictions(opposed: pl.DataFrame, method: str) -> pl.DataFrame:
    """Write down every contradiction: a is the preferred pair, b its copy, in `ids` they stand in this order."""
    return opposed.select(
        "dimension",
        pair_key="a",
        ids=pl.concat_list("pair_id", "pair_id_other"),
        sources=pl.concat_list("source", "source_other").list.unique().list.sort(),
        votes_a="votes_a",
        votes_b="votes_b",
        method=pl.lit(method),
        settled="settled",
    ).select(_CONTRADICTIONS.names())
