"""Arrow rows → rows of plain JSON values."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Rows, Table

_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


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
    columns = [_plain(column).to_pylist() for column in batch.columns]
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


def _plain(array: pa.Array) -> pa.Array:
    """Return `array` with only null, Booleans, numbers, texts, lists and structs in it; nothing is rounded."""
    if isinstance(array, pa.ExtensionArray):
        return _each(array, str) if isinstance(array.type, pa.UuidType) else _plain(array.storage)
    for is_kind, made in _KINDS:
        if is_kind(array.type):
            return made(array)
    return array


def _decoded(array: pa.Array) -> pa.Array:
    return _plain(array.dictionary_decode())


def _number(array: pa.Array) -> pa.Array:
    numbers = array.cast(pa.float64())
    return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)


def _timestamp(array: pa.Array) -> pa.Array:
    """2024-05-01T12:00:00.000, with a Z if the column knows its time zone."""
    text = array.cast(pa.timestamp(array.type.unit)).cast(pa.string())
    text = pc.replace_substring(text, " ", "T")
    return pc.binary_join_element_wise(text, "Z", "") if array.type.tz else text


def _text(array: pa.Array) -> pa.Array:
    return array.cast(pa.string())


def _duration(array: pa.Array) -> pa.Array:
    digits = _DIGITS[array.type.unit]
    return _each(array.cast(pa.int64()), lambda ticks: f"PT{Decimal(ticks).scaleb(-digits):f}S")


def _decimal(array: pa.Array) -> pa.Array:
    return _each(array, lambda number: f"{number:f}")


def _bytes(array: pa.Array) -> pa.Array:
    text = _each(array, lambda data: base64.b64encode(data).decode())
    return pa.StructArray.from_arrays([text], ["$bytes"], mask=array.is_null())


def _struct(array: pa.Array) -> pa.Array:
    fields = [_plain(field) for field in array.flatten()]
    names = [array.type.field(index).name for index in range(array.type.num_fields)]
    if not names:
        return pa.array([None if is_null else {} for is_null in array.is_null().to_pylist()], pa.struct([]))
    return pa.StructArray.from_arrays(fields, names, mask=array.is_null())


def _list(array: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    return _lists(lengths, array.flatten(), array.is_null())


def _map(array: pa.Array) -> pa.Array:
    """A map becomes a list of {key, value}, for its keys need be neither texts nor different."""
    whole = pa.concat_arrays([array])
    entries = pa.StructArray.from_arrays([whole.keys, whole.items], ["key", "value"])
    lengths = np.diff(whole.offsets.to_numpy())
    return _lists(lengths, entries, array.is_null())


def _lists(lengths: Any, values: pa.Array, nulls: pa.Array) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return pa.LargeListArray.from_arrays(pa.array(offsets), _plain(values), mask=nulls)


def _each(array: pa.Array, say: Callable[[Any], str]) -> pa.Array:
    return pa.array([None if value is None else say(value) for value in array.to_pylist()], pa.large_string())


def _is_one(*tests: Callable[[pa.DataType], bool]) -> Callable[[pa.DataType], bool]:
    return lambda kind: any(test(kind) for test in tests)


_types = pa.types
_is_bytes = _is_one(_types.is_binary, _types.is_large_binary, _types.is_fixed_size_binary, _types.is_binary_view)
_is_list = _is_one(
    *(_types.is_list, _types.is_large_list, _types.is_fixed_size_list),
    *(_types.is_list_view, _types.is_large_list_view),
)
_is_rare = _is_one(_types.is_interval, _types.is_union)

_KINDS: list[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]]] = [
    (pa.types.is_dictionary, _decoded),
    (pa.types.is_floating, _number),
    (pa.types.is_timestamp, _timestamp),
    (pa.types.is_date, _text),
    (pa.types.is_time, _text),
    (pa.types.is_duration, _duration),
    (pa.types.is_decimal, _decimal),
    (_is_bytes, _bytes),
    (pa.types.is_map, _map),
    (pa.types.is_struct, _struct),
    (_is_list, _list),
    (_is_rare, lambda array: _each(array, str)),
]
