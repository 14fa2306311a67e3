"""One JSON text, read by the letter: what the fast parser lets pass is refused here, with a reason."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple, NoReturn

from schemas.reasons import Reason

# orjson writes no more than 254 levels, and everything that is read has to be written again.
MAX_DEPTH = 200

_TEXT_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[][{}]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Refusal(NamedTuple):
    """Why a text is not taken as a row."""

    reason: Reason
    detail: str


class _Refused(Exception):
    """Raised inside the decoder."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(reason, detail)


def read_strictly(data: bytes) -> dict[str, Any] | Refusal:
    """Parse `data` as one JSON object, or say what is wrong with it. Never raises."""
    try:
        text = data.decode()
        value = _read(text)
    except UnicodeDecodeError as error:
        return Refusal(Reason.not_utf8, f"byte 0x{data[error.start]:02x} at {error.start}: {error.reason}")
    except _Refused as error:
        return error.refusal
    except ValueError as error:
        return Refusal(Reason.not_json, str(error))
    except RecursionError:
        return Refusal(Reason.too_deep, "too many levels")
    return value


def _read(text: str) -> dict[str, Any]:
    if _is_too_deep(text):
        raise _Refused(Reason.too_deep, f"more than {MAX_DEPTH} levels")
    value = _DECODER.decode(text)
    if _SURROGATE.search(text) and _has_lone_surrogate(value):
        raise _Refused(Reason.lone_surrogate, "a text is no Unicode")
    if not isinstance(value, dict):
        raise _Refused(Reason.not_an_object, f"it is {_article(value)}")
    return value


def _article(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _is_too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for found in _TEXT_OR_BRACKET.finditer(text):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > MAX_DEPTH:
            return True
    return False


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in made if names.count(name) > 1)
        raise _Refused(Reason.duplicate_keys, f"the key {twice[:100]!r} is named twice")
    return made


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= (number := int(digits)) < 2**64:
        raise _Refused(Reason.not_a_number, f"{digits[:40]} does not fit into 64 bits")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _Refused(Reason.not_a_number, f"{digits[:40]} is too large")
    return number


def _constant(name: str) -> NoReturn:
    raise _Refused(Reason.not_a_number, f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
