"""Broken lines: rows of a JSON-lines file that a reader must set aside, each for a reason of its own."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from schemas.reasons import Reason
from tasks.demo.truth import Row

REASONS = (
    Reason.not_json,
    Reason.not_utf8,
    Reason.duplicate_keys,
    Reason.not_a_number,
    Reason.not_an_object,
    Reason.lone_surrogate,
)


def break_lines(rows: Sequence[Row]) -> list[tuple[bytes, Reason]]:
    """Break each row in one of six ways, in turn; return the line and the reason that a reader has to give."""
    return [(_break(row, REASONS[at % len(REASONS)]), REASONS[at % len(REASONS)]) for at, row in enumerate(rows)]


def _break(row: Row, reason: Reason) -> bytes:
    line = orjson.dumps(row)
    middle = line.index(b'","chosen"')
    if reason == Reason.not_json:
        return line[:middle]
    if reason == Reason.not_utf8:
        return line[:middle] + b"\xff\xfe" + line[middle:]
    if reason == Reason.duplicate_keys:
        return line[:-1] + b',"chosen":"A second answer under the same name."}'
    if reason == Reason.not_a_number:
        return line[:-1] + b',"score":NaN}'
    if reason == Reason.not_an_object:
        return orjson.dumps(list(row.values()))
    return line[:middle] + rb"\ud83d" + line[middle:]
