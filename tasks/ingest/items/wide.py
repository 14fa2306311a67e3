"""Rows with a column for each response become one item each, with those columns as a list."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.mapping.shapes import Wide
from tasks.ingest.items.kinds import Items
from tasks.ingest.rows.paths import Doc


def cells_of(wide: Wide, docs: Sequence[Doc]) -> Items:
    """Turn every row into an item that lists the columns which hold responses, without the empty ones."""
    items = [{"cells": _cells(wide, doc), "row": doc} for doc in docs]
    return Items(items, list(range(len(docs))), [""] * len(docs))


def _cells(wide: Wide, doc: Doc) -> list[Doc]:
    held = [(key, value) for key, value in doc.items() if key not in wide.besides and value is not None and value != ""]
    return [{"key": key, "value": value, "row": doc} for key, value in held]
