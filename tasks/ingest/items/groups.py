"""Rows with equal values become one item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schemas.mapping.shapes import Group
from schemas.reasons import Reason
from tasks.ingest.items.kinds import Items
from tasks.ingest.rows.faults import Fault, Faults, absent
from tasks.ingest.rows.jsontext import canonical
from tasks.ingest.rows.paths import MISSING, Doc, column

# Where the first row of a group keeps the others; a mapping cannot name it.
MEMBERS: Final = "$rows"


def grouped(group: Group, docs: Sequence[Doc], faults: Faults) -> Items:
    """Put the rows of each group together, in the order of their first ones; rows without a value have a fault."""
    keys = _keys(group.by, docs, faults)
    answers = _keys(group.answer, docs, faults)
    rows_of: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        if MEMBERS in docs[row]:
            faults.setdefault(row, Fault(Reason.wrong_type, f"the row has a column '{MEMBERS}', which is taken"))
        if row not in faults:
            rows_of.setdefault(key, []).append(row)
    items = Items([], [], [], {})
    for rows in rows_of.values():
        own: dict[str, list[Doc]] = {}
        for row in rows:
            own.setdefault(answers[row], []).append(docs[row])
        sets = [{"row": some[0], "rows": some} for some in own.values()]
        items.docs.append({"row": docs[rows[0]], "rows": [docs[row] for row in rows], "answers": sets})
        items.rows.append(rows[0])
        items.keys.append("")
        items.members[rows[0]] = rows[1:]
    return items


def with_members(docs: Sequence[Doc], items: Items) -> list[Doc]:
    """Give the first row of each group the others, which then say nothing by themselves."""
    if not items.members:
        return list(docs)
    kept = list(docs)
    for first, others in items.members.items():
        kept[first] = docs[first] | ({MEMBERS: [docs[row] for row in others]} if others else {})
        for row in others:
            kept[row] = {}
    return kept


def _keys(paths: Sequence[str], docs: Sequence[Doc], faults: Faults) -> list[str]:
    columns = [column(docs, path) for path in paths]
    for path, values in zip(paths, columns, strict=True):
        for row, found in enumerate(values):
            if found is None or found is MISSING:
                faults.setdefault(row, absent(path, found, docs[row]))
    rows = zip(*columns, strict=True)
    return [canonical([None if found is MISSING else found for found in values]) for values in rows]
