"""Rules on what models say are asked last, of the pairs that would be kept without them."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage
from tasks.judge.evidence import DECISIONS
from tasks.judge.slices import digest_slices


class ModelRules(Stage):
    """Let rules that read model metrics decide, after everything else has.

    So which pairs are candidates does not depend on what models said of them: training judges the same candidates
    again, whatever such rules have dropped, and comes to the same answers (see `training.data`). A copy that was merged
    into a pair or dropped for it does not come back when a model doubts the pair: its label is as doubtful.
    """

    reads: ClassVar = ("_chosen", "_verdicts", "_fates")

    def __call__(
        self, chosen: pl.LazyFrame, verdicts: pl.LazyFrame, fates: pl.LazyFrame | None = None
    ) -> dict[str, pl.DataFrame]:
        """Return `decisions`, `_model_fates` (pair_id, shard, model_reason, model_rule) and `_model_fate_slices`.

        `verdicts` are decisions on pairs, which hold for those that are still there; `fates` names pairs that are not.
        """
        kept = chosen.filter(pl.col("reason").is_null()).select("pair_id", "shard")
        if fates is not None:
            kept = kept.join(fates.select("pair_id"), on="pair_id", how="anti")
        told = verdicts.join(kept, left_on="subject_id", right_on="pair_id").collect()
        lost = told.filter(pl.col("action") != "flag").select(
            "shard", pair_id="subject_id", model_reason="reason", model_rule="rule"
        )
        return {
            "decisions": told.select(DECISIONS.names()),
            "_model_fates": lost,
            "_model_fate_slices": digest_slices(lost),
        }
