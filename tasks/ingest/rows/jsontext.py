"""Parsed values as JSON text: as it would be written, and in the one form that digests are made of."""

from __future__ import annotations

import ast
import hashlib
import json
import math
import re
from collections.abc import Sequence
from typing import Any

import orjson
import polars as pl

_LONGEST_PRINTED = 4096
_ODD_ESCAPE = re.compile(r"""(?<!\\)(?:\\\\)*\\[^\\'"abfnrtvxuU]""")


def decoded(text: str) -> Any:
    """Decode JSON text of a list or an object, or a short list as Python prints it; any other text stays as it is."""
    opening = text.lstrip()[:1]
    if opening not in ("[", "{"):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _printed(text) if opening == "[" and len(text) <= _LONGEST_PRINTED else text


def _printed(text: str) -> Any:
    """Read a list of plain values as tables hold it that were written without a thought: ['a', 0.5, None]."""
    if _ODD_ESCAPE.search(text):  # Python would warn of it
        return text
    try:
        found = ast.literal_eval(text.strip())
        orjson.dumps(found)  # what JSON cannot say, no table can hold
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text
    is_plain = isinstance(found, list) and all(_is_said(each) for each in found)
    return found if is_plain else text


def _is_said(value: Any) -> bool:
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def compact(value: Any) -> str:
    """Write `value` as JSON, keys in their order."""
    return _write(value, 0)


def canonical(value: Any) -> str:
    """Write `value` as JSON with sorted keys: equal values, equal text."""
    return _write(value, orjson.OPT_SORT_KEYS)


def canonical_rows(docs: Sequence[dict[str, Any]]) -> list[str]:
    """Write every row as `canonical` does, rows of texts and whole numbers in one go."""
    columns = plain_columns(docs)
    if columns is None:
        return [canonical(doc) for doc in docs]
    frame = pl.DataFrame({name: columns[name] for name in sorted(columns)})
    return frame.select(text=pl.struct(pl.all()).struct.json_encode())["text"].to_list()


def plain_columns(docs: Sequence[dict[str, Any]]) -> dict[str, list[Any]] | None:
    """Turn rows into columns if all have the same ones, each of texts, of whole numbers or of Booleans alone."""
    if set(map(type, docs)) != {dict} or not docs[0] or any(doc.keys() != docs[0].keys() for doc in docs):
        return None
    columns = {name: [doc[name] for doc in docs] for name in docs[0]}
    return columns if all(map(_is_plain, columns.values())) else None


def _is_plain(values: list[Any]) -> bool:
    kinds = set(map(type, values))
    return kinds in ({str}, {bool}) or (kinds == {int} and min(values) >= -(2**63) and max(values) < 2**63)


def _write(value: Any, option: int) -> str:
    try:
        return orjson.dumps(value, default=_foreign, option=option).decode()
    except TypeError:  # a number of more than 64 bits, which only the standard library writes
        is_sorted = bool(option & orjson.OPT_SORT_KEYS)
        return json.dumps(value, default=_foreign, sort_keys=is_sorted, ensure_ascii=False, separators=(",", ":"))


def _foreign(value: Any) -> Any:
    """Stand in for what JSON does not know: bytes by their digest, anything else by its text."""
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$sha256": hashlib.sha256(value).hexdigest()}
    return str(value)
