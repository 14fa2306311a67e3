"""Rankings, ratings, labels and feedback: what a row says about responses without comparing two of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from schemas.mapping.mapping import Mapping
from schemas.mapping.opinions import Label, Rating, Reviews
from tasks.ingest.judgments.marks import Mark, beside, marks
from tasks.ingest.judgments.outcomes import label_text, number
from tasks.ingest.rows.jsontext import compact, decoded
from tasks.ingest.rows.paths import MISSING, Doc, column

_PLACED = {"row": pl.Int64, "place": pl.Int64}
RANKINGS = pl.Schema({**_PLACED, "dimension": pl.String, "rank": pl.Float64, "rank_raw": pl.String})
RATINGS = pl.Schema(
    {
        **_PLACED,
        "target": pl.String,
        "dimension": pl.String,
        "value": pl.Float64,
        "value_raw": pl.String,
        "scale_min": pl.Float64,
        "scale_max": pl.Float64,
        "rationale": pl.String,
    }
)
LABELS = pl.Schema(
    {
        **_PLACED,
        "target": pl.String,
        "taxonomy": pl.String,
        "label": pl.String,
        "value": pl.Boolean,
        "value_raw": pl.String,
        "severity": pl.Int64,
    }
)
FEEDBACK = pl.Schema({**_PLACED, "target": pl.String, "kind": pl.String, "dimension": pl.String, "text": pl.String})
_ANSWERS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_rankings(mapping: Mapping | Reviews, docs: Sequence[Doc], counts: Sequence[int]) -> pl.DataFrame:
    """Read the ranks of responses, of which each row has as many as `counts` says; a lower rank is a better one."""
    found: list[tuple[Any, ...]] = []
    for dimension, ranking in mapping.rankings.items():
        is_lower = ranking.lower_is_better if ranking.ranks is not None else ranking.listed == "best_first"
        sign = 1.0 if is_lower else -1.0
        if ranking.ranks is not None:
            said = marks(docs, ranking.ranks, "response", is_parallel=True)
        else:
            said = [Mark(row, place, place) for row, count in enumerate(counts) for place in range(count)]
        for mark in said:
            rank = number(mark.value)
            if rank is not None:
                found.append((mark.row, mark.place, dimension, sign * rank, compact(mark.value)))
    return pl.DataFrame(found, schema=RANKINGS, orient="row")


def read_ratings(mapping: Mapping | Reviews, docs: Sequence[Doc]) -> pl.DataFrame:
    """Read the grades; one that is no number, or off its scale, has no value and keeps what the source said."""
    found: list[tuple[Any, ...]] = []
    for dimension, rating in mapping.ratings.items():
        reasons = beside(docs, rating.rationale, rating.target)
        graded = marks(docs, rating.path, rating.target, is_parallel=not rating.by_rater)
        if rating.by_rater:
            graded = [mark._replace(value=grade) for mark in graded for grade in _grades(mark.value)]
        found += [
            _rated(mark, rating.dimension or dimension, rating, reasons.get((mark.row, mark.place)))
            for mark in graded
            if not isinstance(mark.value, str) or mark.value.strip() not in rating.missing
        ]
    return pl.DataFrame(found, schema=RATINGS, orient="row")


def _grades(value: Any) -> list[Any]:
    """List what each rater said, however the list was written."""
    held = decoded(value) if isinstance(value, str) else value
    return [grade for grade in held if grade is not None] if isinstance(held, list) else [value]


def _rated(mark: Mark, dimension: str, rating: Rating, reason: Any) -> tuple[Any, ...]:
    low, high = rating.scale or (None, None)
    said = label_text(mark.value)
    grade = rating.values[said] if said in rating.values else number(mark.value)
    if grade is not None and low is not None and high is not None and not low <= grade <= high:
        grade = None
    text = reason if isinstance(reason, str) else None
    return (mark.row, mark.place, rating.target, dimension, grade, compact(mark.value), low, high, text)


def read_labels(mapping: Mapping | Reviews, docs: Sequence[Doc]) -> pl.DataFrame:
    """Read the findings: one value, a list of names, or an object of name and yes or no."""
    found: list[tuple[Any, ...]] = []
    for label in mapping.labels:
        grades = beside(docs, label.severity, label.target)
        said = _findings(label, docs)
        for mark in said:
            grade = _severity(label, grades.get((mark.row, mark.place)))
            for name, value in _named(label, mark.value):
                is_so = _is_so(label, value)
                found.append((mark.row, mark.place, label.target, label.taxonomy, name, is_so, compact(value), grade))
    return pl.DataFrame(found, schema=LABELS, orient="row")


def _findings(label: Label, docs: Sequence[Doc]) -> list[Mark]:
    """Read the values that say something."""
    if label.if_null is None:
        said = marks(docs, label.path, label.target, is_parallel=False)
        return [mark for mark in said if not label.missing or label_text(mark.value) not in label.missing]
    first = 0 if label.target in ("response", "media") else None
    paths = [label.path] if isinstance(label.path, str) else label.path
    columns = [column(docs, path) for path in paths]
    return [
        Mark(row, first if first is None else place, values[row])
        for row in range(len(docs))
        for place, values in enumerate(columns)
        if values[row] is not MISSING
    ]


def _is_so(label: Label, value: Any) -> bool | None:
    if label.if_null is not None:
        return label.if_null is (value is None)
    return _ANSWERS.get(label_text(value).lower())


def _severity(label: Label, said: Any) -> int | None:
    known = label.severities.get(label_text(said))
    found = number(said) if known is None else known
    return None if found is None else int(found)


def _named(label: Label, value: Any) -> list[tuple[str, Any]]:
    if label.label is not None:
        return [(label.label, value)]
    if isinstance(value, dict):
        return [(str(name), each) for name, each in value.items() if each is not None]
    return [(label_text(name), True) for name in flat(value) if name is not None]


def read_feedback(mapping: Mapping | Reviews, docs: Sequence[Doc]) -> pl.DataFrame:
    """Read critiques, reasons and other texts about the row or its responses."""
    found = []
    for part in mapping.feedback:
        for mark in marks(docs, part.path, part.target, is_parallel=True):
            found += [
                (mark.row, mark.place, part.target, part.kind, part.dimension, text)
                for text in flat(mark.value)
                if isinstance(text, str) and text not in part.missing
            ]
    return pl.DataFrame(found, schema=FEEDBACK, orient="row")


def flat(value: Any) -> list[Any]:
    """List what stands in lists of any depth; a value by itself is a list of one."""
    return [each for inner in value for each in flat(inner)] if isinstance(value, list) else [value]
