"""What the rest of a mapping reads."""

from __future__ import annotations

from typing import NamedTuple

from tasks.ingest.rows.paths import Doc


class Items(NamedTuple):
    """One document for each record, the row it comes from, and its key in the row.

    `members` names, for a row that stands for several, the others.
    """

    docs: list[Doc]
    rows: list[int]
    keys: list[str | None]
    members: dict[int, list[int]] = {}
