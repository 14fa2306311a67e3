"""The rows of `decisions` that a rule leaves behind: what it read, what it asked, what it did."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.plan.curation import Rule
from schemas.reasons import Reason
from schemas.rules.expressions import columns_of
from schemas.tables import DERIVED

DECISIONS = pl.Schema(DERIVED["decisions"])


def decide(
    seen: pl.DataFrame,
    *,
    rule: Rule,
    fires: pl.Expr,
    subject: str,
    stage: str,
    reason: Reason,
    beside: Sequence[str] = (),
) -> pl.DataFrame:
    """Return one decision for each row of `seen` (with `subject_id`) that the rule fires for; null does not fire.

    Its value is what the rule read, and the columns `beside`.
    """
    hit = seen.filter(fires.fill_null(value=False))
    value = pl.struct([*columns_of(rule.expression), *beside]).struct.json_encode()
    return as_decisions(
        hit.select(
            "subject_id",
            subject=pl.lit(subject),
            stage=pl.lit(stage),
            rule=pl.lit(rule.name),
            action=pl.lit(rule.action),
            reason=pl.lit(reason.value),
            value=value,
            threshold=pl.lit(rule.expression),
        )
    )


def as_decisions(rows: pl.DataFrame) -> pl.DataFrame:
    """Give `rows` all the columns of the table `decisions`, null where they say nothing."""
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in DECISIONS.items() if name not in rows.columns]
    return rows.with_columns(missing).select(DECISIONS.names())
