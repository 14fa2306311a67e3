"""Lines become rows: plain texts, or JSON, parsed fast and read strictly where that could have hidden something."""

from __future__ import annotations

from typing import Any

import orjson

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Lines, Rows
from tasks.ingest.parse.sight import sight_of
from tasks.ingest.parse.strict import MAX_DEPTH, Refusal, read_strictly

_BLANK = b" \t\r\n"


def json_rows(lines: Lines) -> Rows:
    """Parse each of `lines` by itself; a line of white space is blank.

    `raw` is the line as it stands; who passes texts with line feeds in them has to write it anew.
    """
    joined = b"\n".join(lines.data)
    sight = sight_of(joined, lines.data)
    docs: list[dict[str, Any]] = []
    kept: list[int] = []
    rows = Rows(docs, [], [], [], list(lines.bad), [])
    for index, line in enumerate(lines.data):
        try:
            doc = orjson.loads(line)
        except orjson.JSONDecodeError:
            doc = None
        if index in sight.suspects or not _is_whole(doc, sight.key_ends[index], is_shallow=index not in sight.deep):
            doc = _read_again(line, lines.numbers[index], lines.byte_offsets[index], rows)
        if doc is not None:
            docs.append(doc)
            kept.append(index)
    return _placed(rows, kept, lines, joined)


def text_rows(lines: Lines) -> Rows:
    """Make a row with the column `text` of each of `lines`; a line of white space is blank."""
    rows = Rows([], [], [], [], list(lines.bad), [])
    for line, number, offset in zip(lines.data, lines.numbers, lines.byte_offsets, strict=True):
        if not line.strip(_BLANK):
            rows.blank.append((number, offset))
            continue
        try:
            text = line.decode().rstrip("\r")
        except UnicodeDecodeError as error:
            rows.bad.append(BadRow.quoting(number, offset, Reason.not_utf8, str(error), line))
            continue
        rows.docs.append({"text": text})
        rows.lines.append(number)
        rows.byte_offsets.append(offset)
        rows.raw.append(orjson.dumps({"text": text}).decode())
    return rows


def _is_whole(doc: Any, key_ends: int, *, is_shallow: bool) -> bool:
    """Whether an object has all the keys that its text can name, so that none was named twice, and is not too deep."""
    if type(doc) is not dict:
        return False
    if is_shallow and len(doc) == key_ends:
        return True
    keys = depth = 0
    level: list[Any] = [doc]
    while level:
        depth += 1
        keys += sum([len(value) for value in level if type(value) is dict])
        values = [each for value in level for each in (value.values() if type(value) is dict else value)]
        level = [each for each in values if type(each) is dict or type(each) is list]
    return keys == key_ends and depth <= MAX_DEPTH


def _read_again(line: bytes, number: int, offset: int, rows: Rows) -> dict[str, Any] | None:
    """Read a line strictly; note it as blank or bad if it is no row."""
    if not line.strip(_BLANK):
        rows.blank.append((number, offset))
        return None
    found = read_strictly(line)
    if isinstance(found, dict):
        try:
            orjson.loads(line)
        except orjson.JSONDecodeError as error:
            found = Refusal(Reason.not_json, str(error))
    if isinstance(found, dict):
        return found
    rows.bad.append(BadRow.quoting(number, offset, *found, line))
    return None


def _placed(rows: Rows, kept: list[int], lines: Lines, joined: bytes) -> Rows:
    """Give the rows their places and texts; all at once where every line is a row."""
    if not kept:
        return rows
    if len(kept) == len(lines.data) and b"\r" not in joined:
        return rows._replace(lines=lines.numbers, byte_offsets=[*lines.byte_offsets], raw=joined.decode().split("\n"))
    return rows._replace(
        lines=[lines.numbers[index] for index in kept],
        byte_offsets=[lines.byte_offsets[index] for index in kept],
        raw=[lines.data[index].decode().rstrip("\r") for index in kept],
    )
