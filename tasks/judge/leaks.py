"""Pairs whose prompts stand in benchmarks: dropped if they could be trained on, marked if they only evaluate."""

from __future__ import annotations

import polars as pl

from schemas.reasons import Reason
from tasks.judge.evidence import as_decisions

LEAKS = pl.Schema({
    "record_id": pl.String, "benchmark": pl.String, "file": pl.String, "line": pl.Int64, "rank": pl.Int64,
    "score": pl.Float64, "method": pl.String,
})  # fmt: skip


def leave_out(pairs: pl.DataFrame, leaks: pl.DataFrame) -> pl.DataFrame:
    """Mark the open pairs of leaked records as `is_leaked` and give them the reason; pairs for evaluation stay."""
    is_hit = pl.col("record_id").is_in(leaks["record_id"].unique().implode())
    is_leaked = pl.col("reason").is_null() & ~pl.col("evaluation_only") & is_hit
    return pairs.with_columns(is_leaked=is_leaked).with_columns(
        reason=pl.when("is_leaked").then(pl.lit(Reason.in_benchmark.value)).otherwise("reason")
    )


def told_of(pairs: pl.DataFrame, leaks: pl.DataFrame) -> pl.DataFrame:
    """Say of every pair in which benchmark file, on which line and how its prompt was found: the surest hit decides.

    Further files, and files that pairs for evaluation stand in, are flags.
    """
    found = pairs.select("pair_id", "record_id", "is_leaked").join(leaks, on="record_id")
    sure = found.sort("pair_id", "rank", -pl.col("score"), "benchmark", "file")
    decides = pl.col("is_leaked") & (pl.int_range(pl.len()).over("pair_id") == 0)
    return as_decisions(
        sure.select(
            "score",
            subject_id="pair_id",
            subject=pl.lit("pair"),
            stage=pl.lit("decontaminate"),
            rule="benchmark",
            action=pl.when(decides).then(pl.lit("drop")).otherwise(pl.lit("flag")),
            reason=pl.lit(Reason.in_benchmark.value),
            value=pl.struct("file", "line", "method").struct.json_encode(),
        )
    )
