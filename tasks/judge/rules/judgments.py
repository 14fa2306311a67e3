"""Rules on judgments: which votes do not count."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.plan.curation import Rule
from schemas.reasons import Reason
from schemas.rules.expressions import columns_of, compile_rule
from schemas.rules.metrics import ANNOTATOR_COLUMNS, JUDGMENT_COLUMNS, rule_types
from schemas.stage import Stage
from tasks.judge.evidence import DECISIONS, decide


class JudgmentRules(Stage):
    """Exclude the judgments that a rule on judgments fires for; the first rule that fires is the one that decides."""

    reads: ClassVar = ("_judgments", "annotators", "comparisons")
    rules: list[Rule]

    def __call__(
        self, judgments: pl.LazyFrame, annotators: pl.LazyFrame, comparisons: pl.LazyFrame
    ) -> dict[str, pl.DataFrame]:
        """Return `_excluded` (judgment ids) and `decisions`."""
        named = sorted({column for rule in self.rules for column in columns_of(rule.expression)})
        said = [name for name in named if name in JUDGMENT_COLUMNS]
        habits = [name for name in named if name in ANNOTATOR_COLUMNS and name not in ("source", "annotator_id")]
        facts = comparisons.select(pl.col("comparison_id").alias("subject_id"), *said)
        seen = (
            judgments.select(pl.col("judgment_id").alias("subject_id"), "source", "annotator_id")
            .join(facts, on="subject_id", how="left")
            .join(
                annotators.select("annotator_id", "source", *habits),
                on=["annotator_id", "source"],
                how="left",
            )
            .collect()
        )
        verdicts = [
            decide(
                seen,
                rule=rule,
                fires=compile_rule(rule.expression, rule_types("judgments")),
                subject="comparison",
                stage="rules_on_judgments",
                reason=Reason.excluded_by_rule,
            )
            for rule in self.rules
        ]
        decisions = pl.concat([pl.DataFrame(schema=DECISIONS), *verdicts]).unique(
            ["subject_id", "action"], keep="first", maintain_order=True
        )
        dropped = decisions.filter(pl.col("action") == "drop")
        return {"_excluded": dropped.select(judgment_id="subject_id"), "decisions": decisions}
