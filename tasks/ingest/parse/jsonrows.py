"""JSON texts → rows. Each text is parsed fast, and read strictly where the fast parser could have hidden something."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import orjson

from schemas.batch import BadRow, Lines, Rows
from schemas.reasons import Reason
from tasks.ingest.parse.strict import MAX_DEPTH, Refusal, read_strictly

_BLANK = b" \t\r"
_KEY_END = re.compile(rb'"[ \t\r]*+:')
# A whole number that does not fit has at least so many digits.
_LONG = 19
# Among so many digits in a row, at least three stand at multiples of this.
_STRIDE = 6
_ZERO = np.uint8(ord("0"))


def json_rows(lines: Lines) -> Rows:
    """Parse each of `lines` by itself; a line of white space is blank."""
    joined = b"\n".join(lines.data)
    suspects = _with_long_numbers(joined, lines.data)
    has_spaces = any(sign in joined for sign in (b" :", b"\t:", b"\r:"))
    rows = Rows([], [], [], [], list(lines.bad), [])
    for index, line in enumerate(lines.data):
        found = _parsed(line, is_suspect=index in suspects, has_spaces=has_spaces)
        number, offset = lines.numbers[index], lines.byte_offsets[index]
        if isinstance(found, dict):
            rows.docs.append(found)
            rows.lines.append(number)
            rows.byte_offsets.append(offset)
            rows.raw.append(line.decode().rstrip("\r"))
        elif found is None:
            rows.blank.append((number, offset))
        else:
            rows.bad.append(BadRow.quoting(number, offset, *found, line))
    return rows


def _with_long_numbers(joined: bytes, data: list[bytes]) -> set[int]:
    """The lines in which so many digits stand in a row that a whole number may not fit into 64 bits."""
    signs = np.frombuffer(joined, np.uint8)
    is_digit = signs[::_STRIDE] - _ZERO < 10
    places = np.flatnonzero(is_digit[:-2] & is_digit[1:-1] & is_digit[2:]) * _STRIDE
    if not len(places):
        return set()
    windows = places[:, None] + np.arange(1 - _STRIDE, _LONG)
    inside = signs[windows.clip(0, len(signs) - 1)] - _ZERO < 10
    digits = np.cumsum(inside & (windows >= 0) & (windows < len(signs)), axis=1)
    digits = np.pad(digits, ((0, 0), (1, 0)))
    is_long = (digits[:, _LONG:] - digits[:, :-_LONG] == _LONG).any(axis=1)
    ends = np.cumsum([len(line) + 1 for line in data])
    return set(np.searchsorted(ends, places[is_long], side="right").tolist())


def _parsed(line: bytes, *, is_suspect: bool, has_spaces: bool) -> dict[str, Any] | Refusal | None:
    try:
        doc = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if not line.strip(_BLANK):
            return None
        found = read_strictly(line)
        return found if isinstance(found, Refusal) else Refusal(Reason.not_json, str(error))
    is_plain = type(doc) is dict and not is_suspect and line.count(b"[") + line.count(b"{") <= MAX_DEPTH
    return doc if is_plain and _has_distinct_keys(line, doc, has_spaces=has_spaces) else read_strictly(line)


def _has_distinct_keys(line: bytes, doc: dict[str, Any], *, has_spaces: bool) -> bool:
    """Whether the line ends no more keys than the object has. A text may look like such an end: False is a maybe."""
    ends = len(_KEY_END.findall(line)) if has_spaces else line.count(b'":')
    if ends == len(doc):
        return True
    keys = _count_keys(doc)
    # An escaped quote ends no key, unless the backslash is itself escaped.
    return ends == keys or ends - line.count(b'\\":') + line.count(b'\\\\":') == keys


def _count_keys(doc: dict[str, Any]) -> int:
    keys = 0
    waiting: list[Any] = [doc]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            keys += len(value)
            value = value.values()
        waiting += [each for each in value if type(each) is dict or type(each) is list]
    return keys
