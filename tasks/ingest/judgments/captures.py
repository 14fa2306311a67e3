"""Values that stand inside a text, found by a pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.mapping.shapes import Capture
from tasks.ingest.rows.paths import Doc, optional

CAPTURED = "captured"


def with_captures(captures: Sequence[Capture], docs: Sequence[Doc]) -> list[Doc]:
    """Give each row what the patterns find in it, under `captured`; a pattern that is not found gives nulls."""
    if not captures:
        return list(docs)
    found: list[Doc] = [{} for _ in docs]
    for capture in captures:
        pattern = re.compile(capture.pattern, re.DOTALL)
        nothing = dict.fromkeys(pattern.groupindex)
        for values, text in zip(found, optional(docs, capture.path), strict=True):
            match = pattern.search(text) if isinstance(text, str) else None
            values.update(nothing if match is None else match.groupdict())
    return [{**doc, CAPTURED: values} for doc, values in zip(docs, found, strict=True)]
