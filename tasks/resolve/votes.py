"""Votes: all judgments of one pair, from every record and source, counted once each."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl

from schemas.reasons import Reason
from schemas.stage import Stage

_PAIR = ["pair_key", "dimension"]
_VOTES = ["votes_left", "votes_right", "votes_tie", "votes_bad"]
_OF_PAIR = [
    "pair_id", "pair_key", "dimension", "record_id", "source", "left", "right", "content", "is_same_normalised",
    "evaluation_only", "shard", "is_alone",
]  # fmt: skip
_OF_VOTES = ["own", "own_votes", "winner", "n_votes", "agreement", "share_left", "is_contradiction", "margin", "is_bad"]


class Vote(Stage):
    """Count the votes on every pair, find its contradictions, and say for each record's pair which side is chosen.

    One annotator has one vote on a pair, however often it is written down. Judgments without an annotator count each
    within their source; the same answers in another source are copies, so an answer counts as often as in the source
    that has it most often, or as often as different annotators gave it, whichever is more.
    """

    version = 3
    reads: ClassVar = ("_judgments", "_excluded")
    cut_by: ClassVar = {"_judgments": "pair_key"}
    vote: Literal["majority", "mean"] = "majority"
    contradictions: Literal["keep", "drop", "majority"] = "majority"
    min_margin: float = 0.0

    def __call__(self, judgments: pl.LazyFrame, excluded: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_tallies` (by record, pair, dimension) and `contradictions`."""
        dropped = excluded.collect()
        counted = judgments.join(dropped.lazy(), on="judgment_id", how="anti") if dropped.height else judgments
        marked = counted.with_columns(is_alone=pl.col("pair_key").is_unique()).collect()
        # Nearly every pair is judged once: it is its own count, and needs no joining.
        alone, crowd = marked.filter("is_alone"), marked.filter(~pl.col("is_alone"))
        single, settled = self._settle(alone), self._settle(_count(crowd))
        own = (pl.col("votes_left") - pl.col("votes_right")).sign().cast(pl.Int64)
        one = single.with_columns(own=own, own_votes=pl.sum_horizontal(_VOTES)).select(*_OF_PAIR, *_OF_VOTES)
        many = _pairs(crowd).join(settled, on=_PAIR).select(*_OF_PAIR, *_OF_VOTES)
        pairs = pl.concat([one, many]).with_columns(reason=self._reason())
        disputed = single.filter("is_contradiction")
        return {
            "_tallies": _choose_sides(pairs),
            "contradictions": _contradictions(
                pl.concat([disputed.select(crowd.columns), crowd]),
                pl.concat([disputed.select(settled.columns), settled]),
            ),
        }

    def _settle(self, votes: pl.DataFrame) -> pl.DataFrame:
        """Say who wins each pair: `winner` is 1 for the left side, -1 for the right, 0 for a tie."""
        lean = pl.col("votes_left") - pl.col("votes_right") if self.vote == "majority" else pl.col("strength")
        total = pl.sum_horizontal(_VOTES)
        winner = lean.sign().cast(pl.Int64)
        won = (
            pl.when(winner > 0).then("votes_left").when(winner < 0).then("votes_right")
            .otherwise(pl.max_horizontal(_VOTES))
        )  # fmt: skip
        # A tie is half a vote for each side, as in win rates.
        sided = pl.sum_horizontal("votes_left", "votes_right", "votes_tie")
        share_left = pl.when(sided > 0).then((pl.col("votes_left") + pl.col("votes_tie") / 2) / sided)
        is_split = (pl.col("votes_left") > 0) & (pl.col("votes_right") > 0)
        return votes.with_columns(
            winner=winner, n_votes=total.round().cast(pl.Int64), agreement=won / total, is_contradiction=is_split,
            share_left=share_left,
            margin=pl.col("strength").abs().clip(0.0, 1.0),
            is_bad=pl.col("votes_bad") > pl.sum_horizontal("votes_left", "votes_right", "votes_tie"),
        )  # fmt: skip

    def _reason(self) -> pl.Expr:
        """Why a pair is not kept, as far as its votes tell."""
        is_even = pl.col("winner") == 0
        unsettled = {"keep": pl.lit(value=False), "majority": is_even, "drop": pl.lit(value=True)}[self.contradictions]
        # A margin that is exactly the minimum passes, whatever the last bit of the division says.
        is_close = (pl.col("margin") < self.min_margin - 1e-9) & ~is_even
        return (
            pl.when(pl.col("left") == pl.col("right")).then(pl.lit(Reason.identical_sides.value))
            .when(pl.col("is_bad")).then(pl.lit(Reason.both_bad.value))
            .when(pl.col("is_contradiction") & unsettled).then(pl.lit(Reason.contradictory.value))
            .when(is_close).then(pl.lit(Reason.below_min_margin.value))
        )  # fmt: skip


def _count(crowd: pl.DataFrame) -> pl.DataFrame:
    """Sum the votes of each pair, and the mean strength of everything said about it."""
    weighed = crowd.with_columns(weight=pl.sum_horizontal(_VOTES))
    strength = weighed.group_by(_PAIR).agg(
        strength=(pl.col("strength") * pl.col("weight")).sum() / pl.col("weight").sum()
    )
    # Everybody who is named counts once; a source that republishes the votes without names must not add to them.
    people = _once_each(crowd.filter(pl.col("annotator_id").is_not_null()), by=[])
    in_a_source = pl.concat(
        [
            _once_each(crowd.filter(pl.col("annotator_id").is_not_null()), by=["source"]),
            crowd.filter(pl.col("annotator_id").is_null()).select(*_PAIR, "source", *_VOTES),
        ]
    )
    most = in_a_source.group_by(*_PAIR, "source").agg(pl.col(_VOTES).sum()).drop("source")
    totals = (
        pl.concat([people.group_by(_PAIR).agg(pl.col(_VOTES).sum()), most]).group_by(_PAIR).agg(pl.col(_VOTES).max())
    )
    return totals.join(strength, on=_PAIR)


def _once_each(named: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Give each annotator one vote per pair: who answered both ways said a tie, who repeated an answer said it once."""
    per_person = named.group_by(*_PAIR, "annotator_id", *by).agg(pl.col(_VOTES).sum(), times=pl.len())
    lean = (pl.col("votes_left") - pl.col("votes_right")).sign()
    is_bad = pl.col("votes_bad") > pl.sum_horizontal("votes_left", "votes_right", "votes_tie")
    said = {
        "votes_left": ~is_bad & (lean > 0),
        "votes_right": ~is_bad & (lean < 0),
        "votes_tie": ~is_bad & (lean == 0),
        "votes_bad": is_bad,
    }
    repeated = pl.col("times") > 1
    votes = [pl.when(repeated).then(vote.cast(pl.Float64)).otherwise(name).alias(name) for name, vote in said.items()]
    return per_person.select(*_PAIR, *by, *votes)


def _pairs(judgments: pl.DataFrame) -> pl.DataFrame:
    """List each record's pairs with the side its own judgments favour."""
    own = pl.col("votes_left").sum() - pl.col("votes_right").sum()
    return judgments.group_by("pair_id").agg(
        pl.col(_OF_PAIR[1:]).first(),
        own=own.sign().cast(pl.Int64),
        own_votes=pl.sum_horizontal(_VOTES).sum(),
    )


def _choose_sides(pairs: pl.DataFrame) -> pl.DataFrame:
    """Name the chosen and the rejected response: by the row's own judgment, or by the votes if it has no opinion."""
    favoured = pl.when(pl.col("own") != 0).then("own").otherwise("winner")
    return pairs.with_columns(
        chosen_id=pl.when(favoured >= 0).then("left").otherwise("right"),
        rejected_id=pl.when(favoured >= 0).then("right").otherwise("left"),
        is_left_chosen=favoured >= 0,
        vote_share=pl.when(favoured >= 0).then("share_left").otherwise(1.0 - pl.col("share_left")),
        tie=pl.col("winner") == 0,
        is_outvoted=(pl.col("own") != 0) & (pl.col("winner") != 0) & (pl.col("own") != pl.col("winner")),
    ).select(
        "pair_id", "pair_key", "dimension", "record_id", "content", "is_same_normalised", "is_left_chosen", "source",
        "shard", "evaluation_only", "chosen_id", "rejected_id", "margin", "tie", "n_votes", "agreement", "vote_share",
        "own_votes",
        "is_alone", "is_outvoted", "reason",
    )  # fmt: skip


def _contradictions(judgments: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """Write down every contradiction; `ids` are the pair ids of the records that were judged."""
    split = settled.filter("is_contradiction").select(*_PAIR, "winner", votes_a="votes_left", votes_b="votes_right")
    settled_as = pl.col("winner").replace_strict({1: "a", -1: "b", 0: "even"}, return_dtype=pl.String)
    return (
        judgments.join(split, on=_PAIR)
        .group_by(_PAIR)
        .agg(
            ids=pl.col("pair_id").unique().sort(),
            sources=pl.col("source").unique().sort(),
            votes_a=pl.col("votes_a").first(),
            votes_b=pl.col("votes_b").first(),
            method=pl.when(pl.col("content").n_unique() == 1).then(pl.lit("exact")).otherwise(pl.lit("normalised")),
            settled=settled_as.first(),
        )
        .sort(_PAIR)
    )
