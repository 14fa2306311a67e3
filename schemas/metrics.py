"""The names of metrics: what a rule may read, of which type, and which measures it takes to know them.

A measure looks at one text. Of each measure there are five metrics: `prompt_M`, `chosen_M` and `rejected_M`, the gap
`M_gap` (chosen minus rejected, so a positive gap favours the chosen side) and the ratio `M_ratio` (longer by shorter,
null where the shorter is zero).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from schemas.tables import DERIVED, FACTS

MEASURES = ("chars", "words", "lines")
PAIR_FLAGS: dict[str, pl.DataType] = {
    "is_empty": pl.Boolean(),
    "is_prompt_empty": pl.Boolean(),
    "is_same_normalised": pl.Boolean(),
}
PAIR_COLUMNS = [
    "source", "dimension", "task", "modality", "language", "prompt", "chosen", "rejected", "margin", "tie", "n_votes",
    "agreement", "license", "commercial_ok",
]  # fmt: skip
JUDGMENT_COLUMNS = ["record_id", "dimension", "outcome", "strength", "n_votes", "vote_share_a", "rationale"]
ANNOTATOR_COLUMNS = [
    "source", "annotator_id", "judgments", "annotator_votes", "annotator_agreement", "annotator_tie_share",
    "annotator_first_share",
]  # fmt: skip


def metrics_of(measure: str) -> dict[str, pl.DataType]:
    """Name the metrics that `measure` gives, with their types."""
    whole = {f"{side}_{measure}": pl.Int64() for side in ("prompt", "chosen", "rejected")}
    return {**whole, f"{measure}_gap": pl.Int64(), f"{measure}_ratio": pl.Float64()}


def metric_types() -> dict[str, pl.DataType]:
    """Name every metric, with its type."""
    known: dict[str, pl.DataType] = dict(PAIR_FLAGS)
    for measure in MEASURES:
        known |= metrics_of(measure)
    return known


def rule_types(on: str) -> dict[str, pl.DataType]:
    """Name every column that a rule `on` pairs or judgments may read, with its type."""
    if on == "pairs":
        return _types(DERIVED["pairs"], PAIR_COLUMNS) | metric_types()
    return _types(FACTS["comparisons"], JUDGMENT_COLUMNS) | _types(FACTS["annotators"], ANNOTATOR_COLUMNS)


def measures_for(names: Iterable[str]) -> list[str]:
    """List the measures that are needed to know the metrics `names`, in a fixed order."""
    wanted = set(names)
    return [measure for measure in MEASURES if wanted & set(metrics_of(measure))]


def _types(schema: object, columns: list[str]) -> dict[str, pl.DataType]:
    known = pl.Schema(schema)  # type: ignore[arg-type]
    return {column: known[column] for column in columns}
