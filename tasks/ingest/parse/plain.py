"""Arrow columns whose values JSON does not know → columns whose values it does."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def plain(array: pa.Array) -> pa.Array:
    """Return `array` with only null, Booleans, numbers, texts, lists and structs in it; nothing is rounded."""
    if isinstance(array, pa.ExtensionArray):
        return _each(array, str) if isinstance(array.type, pa.UuidType) else plain(array.storage)
    for is_kind, made in _KINDS:
        if is_kind(array.type):
            return made(array)
    return array


def _decoded(array: pa.Array) -> pa.Array:
    return plain(array.dictionary_decode())


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
    fields = [plain(field) for field in array.flatten()]
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
    return pa.LargeListArray.from_arrays(pa.array(offsets), plain(values), mask=nulls)


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
