"""One JSON file → rows: a list of objects, an object of objects by key, or JSON lines under another name."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import orjson

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Lines, Rows
from tasks.ingest.parse.jsonrows import json_rows
from tasks.ingest.parse.strict import Refusal

KEY = "_key"
_BATCH_BYTES = 4 << 20
_BATCH_ROWS = 8192

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_IS_SIGN = np.isin(np.arange(256), list(b"[]{},"))
_DEPTHS = np.isin(np.arange(256), list(b"[{")).astype(np.int64) - np.isin(np.arange(256), list(b"]}"))
_KEYED = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")[ \t\r\n]*+:[ \t\r\n]*+\{', re.DOTALL)


class _Piece(NamedTuple):
    """An element of the file's list or object: where it lies, and the first bracket in it."""

    start: int
    end: int
    bracket: bytes


class _Scan(NamedTuple):
    """A list or an object taken apart. `tail` is where what follows its end begins, or its last, unfinished element."""

    pieces: list[_Piece]
    tail: int
    is_closed: bool
    is_early: bool


class _Element(NamedTuple):
    """A piece without the white space around it."""

    line: int
    byte_offset: int
    text: bytes


def document_rows(data: bytes) -> Iterator[Rows]:
    """Give the rows of a JSON file. Each element is parsed by itself, so that a bad one costs only itself.

    The key of an object of objects arrives in the column `_key`.
    """
    begin = len(_BOM) if data.startswith(_BOM) else 0
    start = len(data) - len(data[begin:].lstrip(_BLANK))
    if data.startswith(b"{", start) and _is_lines(data, start):
        yield from _line_rows(data, begin)
    elif data.startswith((b"[", b"{"), start):
        yield from _value_rows(data, start)
    elif start < len(data):
        yield from _piece_rows(data, [_Piece(start, len(data), b"")])


def _is_lines(data: bytes, start: int) -> bool:
    """Whether at least half of the first lines look like an object each."""
    file = io.BytesIO(data)
    file.seek(start)
    lines = (line.strip(_BLANK) for line in islice(file, 64))
    looks = [line.startswith(b"{") and line.endswith(b"}") for line in lines if line][:9]
    return len(looks) > 1 and 2 * sum(looks) >= len(looks)


def _line_rows(data: bytes, begin: int) -> Iterator[Rows]:
    for some in _batches(_file_lines(data, begin)):
        yield json_rows(_lines(some, []))


def _file_lines(data: bytes, begin: int) -> Iterator[_Element]:
    file = io.BytesIO(data)
    offset = file.seek(begin)
    for number, line in enumerate(file, 1):
        yield _Element(number, offset, line.removesuffix(b"\n"))
        offset += len(line)


def _value_rows(data: bytes, start: int) -> Iterator[Rows]:
    scan = _scanned(data, start)
    is_list = data.startswith(b"[", start)
    is_keyed = not is_list and bool(scan.pieces) and all(piece.bracket == b"{" for piece in scan.pieces)
    rest = data[scan.tail :].strip(_BLANK)
    if is_list or is_keyed:
        yield from _piece_rows(data, _meant(data, scan), is_keyed=is_keyed)
        problem = "" if scan.is_closed or scan.is_early else "the file ends before its list does"
    else:
        yield from _piece_rows(data, [_Piece(start, scan.tail if scan.is_closed else len(data), b"")])
        problem = ""
    if problem or (scan.is_closed and rest):
        detail = problem or "something follows the end of the list or object"
        line = 1 + data.count(b"\n", 0, scan.tail)
        yield Rows.none_but([BadRow.quoting(line, scan.tail, Reason.damaged_file, detail, rest)])


def _meant(data: bytes, scan: _Scan) -> list[_Piece]:
    """The elements: none in an empty list, and the unfinished one in a list that is cut off."""
    tail = _Piece(scan.tail, len(data), b"")
    if not scan.is_closed:
        return [*scan.pieces, tail] if scan.is_early or data[scan.tail :].strip(_BLANK) else scan.pieces
    is_empty = len(scan.pieces) == 1 and not data[scan.pieces[0].start : scan.pieces[0].end].strip(_BLANK)
    return [] if is_empty else scan.pieces


def _scanned(data: bytes, start: int) -> _Scan:
    """Cut a list or an object at the commas between its elements."""
    places, depths, is_cut = _signs(data, start)
    closers = np.flatnonzero(depths == 0)
    closer = int(closers[0]) if len(closers) else None
    places, depths = places[: None if closer is None else closer + 1], depths[: None if closer is None else closer + 1]
    signs = np.frombuffer(data, np.uint8)[places]
    ends = places[(depths == 0) | ((depths == 1) & (signs == ord(",")))].tolist()
    openers = places[(depths == 2) & (_DEPTHS[signs] > 0)]
    pieces, begin = [], start + 1
    for end, opener in zip(ends, _firsts(openers, start, ends), strict=True):
        pieces.append(_Piece(begin, end, data[opener : opener + 1] if opener < end else b""))
        begin = end + 1
    if closer is None:
        is_early = is_cut or bool(len(depths) and depths[-1] > 1)
        return _Scan(pieces, begin, is_closed=False, is_early=is_early)
    is_matched = data[start : start + 1] + data[ends[-1] : begin] in (b"[]", b"{}")
    return _Scan(pieces, begin if is_matched else ends[-1], is_closed=True, is_early=False)


def _signs(data: bytes, start: int) -> tuple[Any, Any, bool]:
    """Find the brackets and commas outside of texts, the depth after each, and whether a text never ends."""
    signs = np.frombuffer(data.replace(rb"\\", b"__").replace(rb"\"", b"__"), np.uint8)
    quotes = np.flatnonzero(signs == ord('"'))
    places = np.flatnonzero(_IS_SIGN[signs])
    places = places[(places >= start) & (np.searchsorted(quotes, places) % 2 == 0)]
    return places, np.cumsum(_DEPTHS[signs[places]]), len(quotes) % 2 == 1


def _firsts(openers: Any, start: int, ends: list[int]) -> list[int]:
    """The first opener after the beginning of each piece; a place behind everything where there is none."""
    behind = np.append(openers, np.iinfo(np.int64).max)
    found: list[int] = behind[np.searchsorted(openers, [start + 1, *ends[:-1]])].tolist()
    return found if ends else []


def _piece_rows(data: bytes, pieces: list[_Piece], *, is_keyed: bool = False) -> Iterator[Rows]:
    for some in _batches(_elements(data, pieces)):
        yield _element_rows([each._replace(text=_with_key(each.text)) for each in some] if is_keyed else some)


def _batches(elements: Iterable[_Element]) -> Iterator[list[_Element]]:
    batch: list[_Element] = []
    size = 0
    for each in elements:
        batch.append(each)
        size += len(each.text)
        if size > _BATCH_BYTES or len(batch) == _BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _elements(data: bytes, pieces: list[_Piece]) -> Iterator[_Element]:
    line, counted = 1, 0
    for piece in pieces:
        text = data[piece.start : piece.end].lstrip(_BLANK)
        offset = piece.end - len(text)
        line, counted = line + data.count(b"\n", counted, offset), offset
        yield _Element(line, offset, text.rstrip(_BLANK))


def _with_key(text: bytes) -> bytes:
    """`"id": {"a": 1}` → `{"_key":"id","a": 1}`; anything else stays and is refused later."""
    found = _KEYED.match(text)
    if found is None:
        return text
    inside = text[found.end() :]
    comma = b"" if inside.lstrip(_BLANK).startswith(b"}") else b","
    return b'{"%b":%b%b%b' % (KEY.encode(), found[1], comma, inside)


def _element_rows(elements: list[_Element]) -> Rows:
    missing = Refusal(Reason.not_json, "an element is missing")
    bad = [BadRow.quoting(each.line, each.byte_offset, *missing, b"") for each in elements if not each.text]
    rows = json_rows(_lines([each for each in elements if each.text], bad))
    return rows._replace(raw=[orjson.dumps(doc).decode() for doc in rows.docs])


def _lines(elements: list[_Element], bad: list[BadRow]) -> Lines:
    numbers, offsets = [each.line for each in elements], [each.byte_offset for each in elements]
    return Lines(numbers, offsets, [each.text for each in elements], bad)
