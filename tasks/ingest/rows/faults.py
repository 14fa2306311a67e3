"""Why a row cannot be mapped: the first fault found is the row's reason."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.reasons import Reason
from tasks.ingest.rows.paths import MISSING


class Fault(NamedTuple):
    """A reason to set a row aside, and what in the row shows it."""

    reason: Reason
    detail: str


Faults = dict[int, Fault]


def absent(path: str, found: Any, doc: dict[str, Any] | None = None) -> Fault:
    """Say that a needed value is missing or null."""
    if found is not MISSING:
        return Fault(Reason.missing_column, f"'{path}' is null")
    known = "" if doc is None else f"; the row has {', '.join(map(str, doc)) or 'no columns'}"
    return Fault(Reason.missing_column, f"'{path}' is missing{known}")


def mistyped(path: str, found: Any, wanted: str) -> Fault:
    """Say that a needed value is of a type the mapping cannot take."""
    shown = repr(found)
    shown = shown if len(shown) <= 80 else shown[:79] + "…"
    return Fault(Reason.wrong_type, f"'{path}' is {type(found).__name__} {shown}, not {wanted}")
