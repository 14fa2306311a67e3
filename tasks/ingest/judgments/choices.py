"""Judgments between more than two responses: one is picked, or all of one part are better than all of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.mapping.content import Response
from schemas.mapping.mapping import Mapping, Winner, steps
from tasks.ingest.judgments.outcomes import is_true
from tasks.ingest.rows.faults import Faults, absent
from tasks.ingest.rows.paths import MISSING, Doc, column, elements, value


class Choice(NamedTuple):
    """Response `a` of `row` was judged against response `b`; both are places."""

    row: int
    a: int
    b: int


def picked(winner: Winner, docs: Sequence[Doc], faults: Faults) -> list[Choice]:
    """Set each response that is picked against each one that is not; where none is picked, nothing is said."""
    path = winner.pick or ""
    found = []
    for row, flags in enumerate(column(docs, path)):
        if flags is MISSING or flags is None:
            if not winner.is_optional:
                faults.setdefault(row, absent(path, flags, docs[row]))
            continue
        chosen = [is_true(flag) for flag in elements(flags) or []]
        places = range(len(chosen))
        found += [Choice(row, a, b) for a in places if chosen[a] for b in places if not chosen[b]]
    return found


def between_parts(mapping: Mapping, winner: Winner, docs: Sequence[Doc]) -> list[Choice]:
    """Set each response of the winner's part a against each one of its part b."""
    sizes = [_sizes(part, docs) for part in mapping.responses]
    found = []
    for row, counts in enumerate(zip(*sizes, strict=True)):
        first = [sum(counts[:part]) for part in range(len(counts))]
        a, b = (range(first[part], first[part] + counts[part]) for part in (winner.a, winner.b))
        found += [Choice(row, left, right) for left in a for right in b]
    return found


def _sizes(part: Response, docs: Sequence[Doc]) -> list[int]:
    if part.each is None:
        return [1] * len(docs)
    way = steps(part.each)
    return [len(_listed(value(doc, way))) for doc in docs]


def _listed(found: Any) -> list[Any]:
    return [] if found is MISSING else elements(found) or []
