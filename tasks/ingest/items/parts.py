"""Rows that hold several records unfold into one item an element."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.mapping.mapping import steps
from schemas.mapping.shapes import Parts
from tasks.ingest.items.kinds import Items
from tasks.ingest.rows.faults import Faults, absent, mistyped
from tasks.ingest.rows.paths import MISSING, Doc, elements, value


def parts_of(parts: Parts, docs: Sequence[Doc], faults: Faults) -> Items:
    """Turn every element into an item; a row without any is one empty item."""
    items, way = Items([], [], []), steps(parts.each)
    for row, doc in enumerate(docs):
        found = value(doc, way)
        said = None if found is MISSING else elements(found)
        if said is None:
            is_gone = found is None or found is MISSING
            faults[row] = absent(parts.each, found, doc) if is_gone else mistyped(parts.each, found, "a list")
            continue
        for place, part in enumerate(said or [None]):
            items.docs.append({"part": part, "row": doc})
            items.rows.append(row)
            items.keys.append(str(place))
    return items
