"""Silent: why a record has no pair."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.reasons import Reason
from schemas.stage import Stage
from tasks.judge.evidence import as_decisions


class Silent(Stage):
    """Say of every record none of whose judgments counts why that is so."""

    reads: ClassVar = ("_prompts", "_judgments", "_excluded")
    cut_by: ClassVar = {"_prompts": "record_id", "_judgments": "record_id"}

    def __call__(
        self, prompts: pl.LazyFrame, judgments: pl.LazyFrame, excluded: pl.LazyFrame
    ) -> dict[str, pl.DataFrame]:
        """Return `decisions`."""
        counts = prompts.select("record_id", "response_count", "judgments").collect()
        judged = judgments.select("record_id", "judgment_id").collect()
        heard = judged.join(excluded.collect(), on="judgment_id", how="anti")
        silent = counts.join(heard, on="record_id", how="anti")
        was_judged = pl.col("record_id").is_in(judged.join(silent, on="record_id", how="semi")["record_id"].implode())
        why = (
            pl.when(pl.col("response_count") < 2).then(pl.lit(Reason.single_response.value))
            .when(was_judged).then(pl.lit(Reason.judgments_excluded.value))
            .when(pl.col("judgments") > 0).then(pl.lit(Reason.no_usable_judgment.value))
            .otherwise(pl.lit(Reason.no_judgment.value))
        )  # fmt: skip
        told = silent.select(
            subject_id="record_id", subject=pl.lit("record"), stage=pl.lit("resolve"), action=pl.lit("drop"), reason=why
        )
        return {"decisions": as_decisions(told)}
