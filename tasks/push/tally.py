"""What is counted of the pairs while they are written: how many, how agreed upon, and what gives a winner away."""

from __future__ import annotations

import polars as pl

_BY = ("dimension", "source", "split", "license", "language")
_COUNTS = (
    "pairs", "ties", "several_votes", "agreement_sum", "longer_wins", "length_differs", "first_wins", "place_differs",
    "commercial",
)  # fmt: skip


def tally(batch: pl.DataFrame) -> pl.DataFrame:
    """Count a batch of pairs by dimension, source, split, licence and language."""
    is_decided = ~pl.col("tie").fill_null(value=True)
    chosen, rejected = pl.col("chosen").str.len_chars(), pl.col("rejected").str.len_chars()
    first, second = pl.col("chosen_index"), pl.col("rejected_index")
    is_agreed = (pl.col("n_votes") >= 2) & pl.col("agreement").is_not_null()
    return batch.group_by(_BY).agg(
        pairs=pl.len().cast(pl.Int64),
        ties=_times(pl.col("tie")),
        several_votes=_times(is_agreed),
        agreement_sum=pl.col("agreement").filter(is_agreed).sum(),
        longer_wins=_times(is_decided & (chosen > rejected)),
        length_differs=_times(is_decided & (chosen != rejected)),
        first_wins=_times(is_decided & (first < second)),
        place_differs=_times(is_decided & (first != second)),
        commercial=_times(pl.col("commercial_ok")),
    )


def add_up(tallies: list[pl.DataFrame], *by: str) -> pl.DataFrame:
    """Add tallies up, by fewer columns."""
    return pl.concat(tallies).group_by(by).agg(pl.col(_COUNTS).sum()).sort(by, nulls_last=True)


def _times(fires: pl.Expr) -> pl.Expr:
    return fires.fill_null(value=False).sum().cast(pl.Int64)
