"""Try an expression as a rule on what a snapshot keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from flows.trial.histogram import histogram
from flows.trial.rows import kept_judgments, kept_pairs
from schemas.errors import Terminal
from schemas.rules.expressions import BadExpression, columns_of, compile_rule
from schemas.rules.metrics import rule_types
from warehouse.database import Warehouse

On = Literal["pairs", "judgments"]
EXAMPLES = 5
# Texts and names say nothing in a histogram.
_NOT_COUNTED = ("prompt", "chosen", "rejected", "rationale", "record_id", "annotator_id")


@dataclass(frozen=True)
class Trial:
    """What a rule with this expression would drop of `counted` rows; `others` are dropped already and not counted.

    `sources` has a row for each source, `examples` a few rows that would go, `histograms` the spread of each column
    that the expression reads, and `nulls` how many rows have no value there: for those it does not fire.
    """

    expression: str
    on: On
    snapshot: int
    counted: int
    dropped: int
    others: int
    sources: pl.DataFrame
    examples: pl.DataFrame
    histograms: dict[str, pl.DataFrame]
    nulls: dict[str, int]


def try_rule(opened: Warehouse, expression: str, on: On = "pairs") -> Trial:
    """Count what a rule on pairs or judgments would drop of what a snapshot keeps.

    Metrics that the snapshot does not hold are computed from its texts. Raises Terminal for an expression that cannot
    be a rule, and for metrics that cannot be computed.
    """
    fires, columns = _compiled(expression, on)
    rows, others = (kept_pairs if on == "pairs" else kept_judgments)(opened, columns)
    seen = rows.with_columns(fires=fires.fill_null(value=False))
    return Trial(
        expression=expression,
        on=on,
        snapshot=opened.snapshot.snapshot,
        counted=seen.height,
        dropped=int(seen["fires"].sum()),
        others=others,
        sources=_by_source(seen, on),
        examples=_examples(seen, columns),
        histograms={name: histogram(seen[name], seen["fires"]) for name in columns if name not in _NOT_COUNTED},
        nulls={name: seen[name].null_count() for name in columns},
    )


def _compiled(expression: str, on: On) -> tuple[pl.Expr, list[str]]:
    try:
        return compile_rule(expression, rule_types(on)), columns_of(expression)
    except BadExpression as error:
        raise Terminal(f"{expression!r} cannot be a rule on {on}: {error}") from error


def _by_source(seen: pl.DataFrame, on: On) -> pl.DataFrame:
    counted = seen.group_by("source").agg(
        pl.len().cast(pl.Int64).alias(on), would_drop=pl.col("fires").sum().cast(pl.Int64)
    )
    return counted.with_columns(share=pl.col("would_drop") / pl.col(on)).sort(
        "would_drop", "source", descending=[True, False]
    )


def _examples(seen: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    # Ids are digests, so the smallest are as good as drawn, and the same every time.
    first = seen.filter("fires").sort("id").head(EXAMPLES)
    told = ("id", "source", *columns, "prompt", "chosen", "rejected")
    return first.select([name for name in dict.fromkeys(told) if name in seen.columns])
