"""How far each annotator agrees with the others who judged the same pairs."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage

_PAIR = ["pair_key", "dimension"]


class Agreement(Stage):
    """Compare each annotator's votes with the majority of everybody else's on the same pair and dimension.

    Pairs on which the others are even, or on which the annotator calls a tie, say nothing and are not counted. Beside
    it stand the habits: how often an annotator calls a tie, prefers what is listed first, prefers the longer text.
    """

    version = 2
    reads: ClassVar = ("_judgments", "_annotators")

    def __call__(self, judgments: pl.LazyFrame, annotators: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `annotators`, one row per annotator and source."""
        lean = pl.col("votes_left") - pl.col("votes_right")
        first_won = (lean > 0) == pl.col("a_is_left")
        judged = judgments.select(
            *_PAIR, "annotator_id", "source", "votes_tie", lean=lean,
            first_won=pl.when(lean != 0).then(first_won),
            longer_won=pl.when(lean != 0).then(first_won == pl.col("a_is_longer")),
        )  # fmt: skip
        # Summing everything once and taking the annotator's own part away avoids comparing everyone with everyone.
        totals = judged.group_by(_PAIR).agg(total=pl.col("lean").sum(), people=pl.len())
        crowded = totals.filter(pl.col("people") > 1).select(*_PAIR, "total")
        known = judged.filter(pl.col("annotator_id").is_not_null())
        own = known.group_by(*_PAIR, "annotator_id", "source").agg(pl.col("lean").sum())
        others = own.join(crowded, on=_PAIR).with_columns(others=pl.col("total") - pl.col("lean"))
        compared = others.filter((pl.col("lean") != 0) & (pl.col("others") != 0))
        agreement = compared.group_by("annotator_id", "source").agg(
            annotator_votes=pl.len().cast(pl.Int64),
            annotator_agreement=(pl.col("lean").sign() == pl.col("others").sign()).mean(),
        )
        habits = known.group_by("annotator_id", "source").agg(
            judgments=pl.len().cast(pl.Int64),
            annotator_tie_share=(pl.col("votes_tie") > 0).mean(),
            annotator_first_share=pl.col("first_won").mean(),
            annotator_longer_share=pl.col("longer_won").mean(),
        )
        everyone = annotators.select("annotator_id", "source").unique()
        for known_of_them in (habits, agreement):
            everyone = everyone.join(known_of_them, on=["annotator_id", "source"], how="left")
        counted = everyone.with_columns(pl.col("judgments", "annotator_votes").fill_null(0))
        return {"annotators": counted.sort("source", "annotator_id").collect()}
