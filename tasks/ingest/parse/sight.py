"""One look at many JSON texts at once, for what the fast parser lets pass without a word."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tasks.ingest.parse.strict import MAX_DEPTH

# A whole number that does not fit into 64 bits has at least so many digits.
_LONG = 19
# Among so many digits in a row, at least three stand at multiples of this.
_STRIDE = 6
# White space before a colon is followed back so far; beyond, a key is assumed to end there.
_SPACES = 8
# Looking takes up to 30 times as much memory as there is to see, at worst: more than this is read strictly instead.
_TOO_LARGE = 32 << 20
_AT_ONCE = 1 << 16
_ZERO = np.uint8(ord("0"))
_COLON, _QUOTE, _BACKSLASH = ord(":"), ord('"'), ord("\\")


class Sight(NamedTuple):
    """For each text how many keys end in it at most; which have to be read strictly; and which may be lists too deep.

    Objects that are too deep have so many keys that counting them tells.
    """

    key_ends: list[int]
    suspects: set[int]
    deep: set[int]


def sight_of(joined: bytes, texts: list[bytes]) -> Sight:
    """Look at `texts`, which stand in `joined` with one sign after each of them but the last."""
    if len(joined) > _TOO_LARGE:
        return Sight([0] * len(texts), set(range(len(texts))), set())
    ends = np.cumsum([len(text) + 1 for text in texts])
    # Whatever is looked for up to three signs before a place is found within the array.
    signs = np.frombuffer(b"\0\0\0" + joined, np.uint8)
    suspects = np.searchsorted(ends, _long_numbers(signs[3:]), side="right")
    key_ends = _per_text(_key_ends(signs), ends)
    deep = np.flatnonzero(_per_text(np.flatnonzero(signs == ord("[")), ends) >= MAX_DEPTH)
    return Sight(key_ends.tolist(), set(suspects.tolist()), set(deep.tolist()))


def _per_text(places: Any, ends: Any) -> Any:
    return np.diff(np.searchsorted(places - 3, ends), prepend=0)


def _key_ends(signs: Any) -> Any:
    """The colons before which a text ends: all that end a key, and those in texts that look like it."""
    colons = np.flatnonzero(signs == _COLON)
    before = colons - 1
    for _ in range(_SPACES):
        is_space = _is_space(signs[before])
        if not is_space.any():
            break
        before = before - is_space
    is_end = (signs[before] == _QUOTE) | _is_space(signs[before])
    # An escaped quote ends no text, unless the backslash is itself escaped.
    is_escaped = (signs[before - 1] == _BACKSLASH) & (signs[before - 2] != _BACKSLASH)
    return colons[is_end & ~is_escaped]


def _is_space(signs: Any) -> Any:
    return (signs == ord(" ")) | (signs == ord("\t")) | (signs == ord("\r")) | (signs == ord("\n"))


def _long_numbers(signs: Any) -> Any:
    """Places of so many digits in a row that they may not fit into 64 bits."""
    is_digit = signs[::_STRIDE] - _ZERO < 10
    places = np.flatnonzero(is_digit[:-2] & is_digit[1:-1] & is_digit[2:]) * _STRIDE
    found = [_where_long(signs, places[start : start + _AT_ONCE]) for start in range(0, len(places), _AT_ONCE)]
    return np.concatenate([places[:0], *found])


def _where_long(signs: Any, places: Any) -> Any:
    windows = places[:, None] + np.arange(1 - _STRIDE, _LONG)
    is_inside = (windows >= 0) & (windows < len(signs))
    digits = np.cumsum(is_inside & (signs[windows.clip(0, len(signs) - 1)] - _ZERO < 10), axis=1)
    digits = np.pad(digits, ((0, 0), (1, 0)))
    return places[(digits[:, _LONG:] - digits[:, :-_LONG] == _LONG).any(axis=1)]
