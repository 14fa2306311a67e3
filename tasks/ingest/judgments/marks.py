"""Finds what a row says about single responses, or about the row as a whole, and at which response it points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.mapping.mapping import Target
from schemas.mapping.paths import visits
from tasks.ingest.rows.jsontext import decoded
from tasks.ingest.rows.paths import MISSING, Doc, column


class Mark(NamedTuple):
    """A value that stands beside response `place` of `row`; without a place it is about the row."""

    row: int
    place: int | None
    value: Any


def marks(docs: Sequence[Doc], path: str | list[str], target: Target, *, is_parallel: bool) -> list[Mark]:
    """Read the values at `path` that are there, each with the response it belongs to.

    One path per response, or a path that visits a list, gives one value a response. So does a list itself if it
    `is_parallel`; otherwise a list is one value.
    """
    if isinstance(path, list):
        columns = [column(docs, each) for each in path]
        there = [(place, values) for place, values in enumerate(columns) if values.count(MISSING) < len(docs)]
        found = [Mark(row, place, values[row]) for row in range(len(docs) if there else 0) for place, values in there]
    else:
        is_spread = target in ("response", "media") and (is_parallel or visits(path))
        first = 0 if target in ("response", "media") else None
        found = []
        for row, value in enumerate(column(docs, path)):
            if is_spread and isinstance(value, str):
                value = decoded(value)  # noqa: PLW2901 - a list that was written as JSON text
            if is_spread and isinstance(value, list):
                found.extend(Mark(row, place, each) for place, each in enumerate(value))
            else:
                found.append(Mark(row, first, value))
    return [mark for mark in found if mark.value is not None and mark.value is not MISSING]


def beside(docs: Sequence[Doc], path: str | list[str] | None, target: Target) -> dict[tuple[int, int | None], Any]:
    """Read what stands beside other marks, by row and place."""
    if path is None:
        return {}
    return {(mark.row, mark.place): mark.value for mark in marks(docs, path, target, is_parallel=True)}
