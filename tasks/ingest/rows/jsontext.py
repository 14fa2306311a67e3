"""Parsed values as JSON text: as it would be written, and in the one form that digests are made of."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson


def compact(value: Any) -> str:
    """Write `value` as JSON, keys in their order."""
    return _write(value, 0)


def canonical(value: Any) -> str:
    """Write `value` as JSON with sorted keys: equal values, equal text."""
    return _write(value, orjson.OPT_SORT_KEYS)


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
