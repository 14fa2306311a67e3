"""Arrow rows → rows of plain JSON values."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pyarrow as pa

from schemas.batch import BadRow, Rows, Table
from schemas.reasons import Reason
from tasks.ingest.parse.plain import plain


def table_rows(table: Table) -> Rows:
    """Give the rows of a batch. Times become ISO 8601, decimals their digits, bytes `{"$bytes": base64}`.

    A NaN, which is how tables write that there is no value, becomes null; a row with an infinity is bad.
    """
    batch, first = table.batch, table.first_row
    twice = _named_twice(batch.schema)
    if twice is not None:
        detail = f"the table names {twice!r} twice"
        bad = [BadRow(first + row, None, Reason.duplicate_keys, detail, "") for row in range(batch.num_rows)]
        return Rows.none_but(bad)
    docs = _docs(batch)
    lines = list(range(first, first + len(docs)))
    rows = Rows(docs, lines, [None] * len(docs), [orjson.dumps(doc).decode() for doc in docs], [], [])
    return _without_infinities(rows) if _has_floats(batch.schema) else rows


def _docs(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    names = batch.schema.names
    if not names:
        return [{} for _ in range(batch.num_rows)]
    columns = [plain(column).to_pylist() for column in batch.columns]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _named_twice(fields: Any) -> str | None:
    """Return a name that two columns, or two fields of one struct, share."""
    fields = list(fields)
    names = [field.name for field in fields]
    for field in fields:
        if names.count(field.name) > 1:
            return str(field.name)
        inner = field.type
        children = [inner.field(index) for index in range(inner.num_fields)]
        if (twice := _named_twice(children)) is not None:
            return twice
    return None


def _has_floats(fields: Any) -> bool:
    return any(
        pa.types.is_floating(field.type)
        or _has_floats(field.type.field(index) for index in range(field.type.num_fields))
        for field in fields
    )


def _without_infinities(rows: Rows) -> Rows:
    bad = [index for index, doc in enumerate(rows.docs) if _is_infinite(doc)]
    if not bad:
        return rows
    detail = "a number is infinite"
    rows.bad.extend(BadRow(rows.lines[index], None, Reason.not_a_number, detail, rows.raw[index]) for index in bad)
    for index in reversed(bad):
        for column in rows[:4]:
            del column[index]
    return rows


def _is_infinite(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_infinite(each) for each in value.values())
    if isinstance(value, list):
        return any(_is_infinite(each) for each in value)
    return isinstance(value, float) and math.isinf(value)
