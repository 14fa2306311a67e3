"""Values at the paths of the mapping language, read from and replaced in parsed rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final

from schemas.mapping.mapping import DEEP, EACH, VALUES, Key, steps
from schemas.mapping.paths import Either, Way
from tasks.ingest.rows.jsontext import compact, decoded

Doc = dict[str, Any]
Change = Callable[[Any], Any]


class Missing(Enum):
    """The absence of a value, which is not the value null."""

    value_ = 0


MISSING: Final = Missing.value_


def column(docs: Sequence[Doc], path: str) -> list[Any]:
    """Read `path` in every row; `MISSING` where a row does not have it."""
    return _column(docs, steps(path))


def _column(docs: Sequence[Doc], way: Way) -> list[Any]:
    first = way[0]
    if len(way) == 1 and isinstance(first, Key):
        key = str(first)
        return [doc.get(key, MISSING) for doc in docs]
    if isinstance(first, Either):
        # Most branches name columns that no row has.
        branches = [_column(docs, branch) for branch in first.ways]
        there = [each for each in branches if each.count(MISSING) < len(docs)]
        if len(there) < 2:
            return there[0] if there else [MISSING] * len(docs)
    return [value(doc, way) for doc in docs]


def optional(docs: Sequence[Doc], path: str | None) -> list[Any]:
    """Read `path` in every row; null where a row does not have it, or where there is no path."""
    if path is None:
        return [None] * len(docs)
    return [None if found is MISSING else found for found in column(docs, path)]


def value(found: Any, way: Way) -> Any:
    """Follow `way` from `found`; a visited list gives a list with null for elements that lack the rest."""
    for at, step in enumerate(way):
        if isinstance(found, str):
            found = decoded(found)
        if isinstance(step, int):
            if not isinstance(found, list) or not -len(found) <= step < len(found):
                return MISSING
            found = found[step]
        elif isinstance(step, Key):
            if not isinstance(found, dict) or step not in found:
                return MISSING
            found = found[step]
        elif isinstance(step, Either):
            found = _first(found, step)
        else:
            return _each(_values(found) if step == VALUES else found, way[at + 1 :])
    return found


def _values(found: Any) -> list[Any] | None:
    return list(found.values()) if isinstance(found, dict) else None


def _first(found: Any, step: Either) -> Any:
    """Follow the first way that leads to a value; without one, null counts for more than nothing."""
    ends = [value(found, way) for way in step.ways]
    there = [end for end in ends if end is not MISSING]
    return next((end for end in there if end is not None), None if there else MISSING)


def _each(found: Any, rest: Way) -> Any:
    visited = elements(found)
    if visited is None:
        return MISSING
    below = [value(element, rest) for element in visited]
    return [None if each is MISSING else each for each in below]


def elements(found: Any) -> list[Any] | None:
    """List the elements of a list, however it was written, JSON text included; none if it is no list.

    A struct of equally long lists is a list of structs as older readers of `datasets` give it; any other object is a
    list of one, as documents give an element that could be repeated and is not.
    """
    if isinstance(found, str):
        found = decoded(found)
    if isinstance(found, list):
        return found
    if not isinstance(found, dict):
        return None
    columns = list(found.values())
    if columns and all(isinstance(each, list) for each in columns) and len({len(each) for each in columns}) == 1:
        return [dict(zip(found, row, strict=True)) for row in zip(*columns, strict=True)]
    return [found]


def changed(found: Any, way: Way, change: Change) -> Any:
    """Copy `found` with every value at the end of `way` changed; what `change` makes `MISSING` is left out.

    A way with bars has to be taken apart into its branches before. JSON text with a change in it is written anew.
    """
    if not way:
        return change(found)
    if isinstance(found, str):
        held = decoded(found)
        new = held if held is found else changed(held, way, change)
        return found if new == held else compact(new)
    step, rest = way[0], way[1:]
    if isinstance(step, int):
        is_there = isinstance(found, list) and -len(found) <= step < len(found)
        return _in_list(found, {step % len(found)}, rest, change) if is_there else found
    if isinstance(step, Key):
        return _in_object(found, str(step), rest, change) if isinstance(found, dict) else found
    if step == VALUES:
        return _in_values(found, rest, change) if isinstance(found, dict) else found
    return _anywhere(found, rest, change) if step == DEEP else _in_each(found, rest, change)


def _in_list(found: list[Any], places: set[int] | range, rest: Way, change: Change) -> list[Any]:
    copied = [changed(each, rest, change) if at in places else each for at, each in enumerate(found)]
    return [None if each is MISSING else each for each in copied]


def _in_object(found: Doc, key: str, rest: Way, change: Change) -> Doc:
    copied = {name: changed(each, rest, change) if name == key else each for name, each in found.items()}
    return {name: each for name, each in copied.items() if each is not MISSING}


def _in_values(found: Doc, rest: Way, change: Change) -> Doc:
    copied = {name: changed(each, rest, change) for name, each in found.items()}
    return {name: each for name, each in copied.items() if each is not MISSING}


def _in_each(found: Any, rest: Way, change: Change) -> Any:
    if isinstance(found, list):
        return _in_list(found, range(len(found)), rest, change)
    if not isinstance(found, dict):
        return found
    visited = elements(found) or []
    if not rest or visited[:1] == [found]:
        return changed(found, rest, change)
    if rest[0] == EACH:
        # An element of a struct of lists is an object, and an object is a list of one.
        return _in_each(found, rest[1:], change)
    # A struct of lists holds its elements the other way round: key first, then place.
    return changed(found, (rest[0], EACH, *rest[1:]), change) if isinstance(rest[0], Key) else found


def _anywhere(found: Any, rest: Way, change: Change) -> Any:
    if isinstance(found, list):
        return [_anywhere(each, rest, change) for each in found]
    if not isinstance(found, dict):
        return found
    inner = {name: each if name == rest[0] else _anywhere(each, rest, change) for name, each in found.items()}
    return changed(inner, rest, change)
