"""Rows counted without parsing them, by other means than those that parse: what the audit compares with."""

from __future__ import annotations

import io
import re
from pathlib import Path

from lxml import etree

from schemas.mapping.layout import Layout
from schemas.rows.batch import Shard
from warehouse.intake import samples, tables
from warehouse.intake.content import blocks_of, damage_of, document_of, unpacked_file
from warehouse.intake.lines import cut
from warehouse.intake.tables import sheet_count

# A quote that is not closed within so many bytes was no opening quote; elements below this depth are refused.
MAX_RECORD_BYTES = 64 << 20
MAX_DEPTH = 100

# RFC 4180, for what lies between two line feeds: whole cells, or cells of which the last is still open.
_INSIDE = rb'[^"]*+(?:""[^"]*+)*+'
_CELL = rb'(?:"%b"|[^",\r][^,\r]*+)?+' % _INSIDE
_COMPLETE = re.compile(rb"%b(?:,%b)*+" % (_CELL, _CELL))
_OPEN = re.compile(rb'(?:%b,)*+"%b' % (_CELL, _INSIDE))

_BLANK = b" \t\r\n"
_TEXT = re.compile(rb'"[^"]*+(?:"|\Z)')
_SHAPE = bytes(byte if byte in b"[]{}," else ord("x") for byte in range(256))
_SIGN = re.compile(rb"[][{},]")


def count_rows(shard: Shard) -> int:
    """Count the rows of a shard: the good, the bad and the blank ones. A damaged file counts as one bad row."""
    if damage_of(shard) is not None:
        return 1
    if shard.format in ("json", "xml"):
        data = document_of(shard)
        return 1 if data is None else _count_json(data) if shard.format == "json" else _count_xml(data)
    if shard.format == samples.FORMAT:
        return samples.count(Path(shard.place))
    if shard.format == "xlsx":
        with unpacked_file(shard) as place:
            return sheet_count.count(place, shard.layout or Layout())
    if shard.format in ("jsonl", "txt", "csv", "tsv"):
        return _count_lines(shard) if shard.format in ("jsonl", "txt") else _count_records(shard)
    with unpacked_file(shard) as place:
        return tables.count(place, shard.format)


def _count_lines(shard: Shard) -> int:
    feeds, last = 0, b""
    for block in blocks_of(shard):
        feeds += block.count(b"\n")
        last = block[-1:]
    return feeds + (last not in (b"", b"\n"))


def _count_records(shard: Shard) -> int:
    """Count the records of a CSV or TSV file but its header, which is the first that is neither blank nor torn.

    A file whose columns the plan names has none.
    """
    layout = shard.layout or Layout()
    counter = _Records(has_quotes=shard.format == "csv", encoding=layout.encoding)
    for lines in cut(blocks_of(shard), shard.start, shard.first_line):
        numbered = sorted([*zip(lines.numbers, lines.data, strict=True), *((bad.line, None) for bad in lines.bad)])
        for _, line in numbered if lines.bad else enumerate(lines.data):
            counter.take(line)
    counter.end()
    return counter.records - (counter.has_header and layout.columns is None)


class _Records:
    def __init__(self, *, has_quotes: bool, encoding: str) -> None:
        self.has_quotes = has_quotes
        self.encoding = encoding
        self.records = 0
        self.has_header = False
        self.is_first = True
        self.open: list[bytes] = []
        self.open_bytes = 0

    def take(self, line: bytes | None) -> None:
        """Take the next line, or nothing in place of a line that is too long."""
        if line is None:
            self.end()
            self._count(b"", is_whole=False)
            return
        # Within an open cell a line goes on as if it began with the quote.
        text = b'"' + line if self.open else line
        if self.open and self.open_bytes + len(line) > MAX_RECORD_BYTES:
            self._again([line])
        elif not self.has_quotes or _COMPLETE.fullmatch(text.rstrip(b"\r")):
            self._count(b"\n".join([*self.open, line]), is_whole=True)
            self.open, self.open_bytes = [], 0
        elif _OPEN.fullmatch(text):
            self.open.append(line)
            self.open_bytes += len(line)
        elif self.open:
            self._again([line])
        else:
            self._count(line, is_whole=False)

    def end(self) -> None:
        """Take the end of the file, or of what can be read of it."""
        while self.open:
            self._again([])

    def _again(self, more: list[bytes]) -> None:
        """The quote was no opening quote: its line is torn, and those after it are looked at again."""
        first, *rest = self.open
        self.open, self.open_bytes = [], 0
        self._count(first, is_whole=False)
        for line in rest + more:
            self.take(line)

    def _count(self, record: bytes, *, is_whole: bool) -> None:
        self.records += 1
        if self.is_first and (not is_whole or record.strip(b"\r")):
            self.is_first = False
            self.has_header = is_whole and _is_text(record, self.encoding)


def _is_text(record: bytes, encoding: str) -> bool:
    try:
        record.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _count_json(data: bytes) -> int:
    """Count by signs alone: brackets and commas that stand outside of texts."""
    whole = data.removeprefix(b"\xef\xbb\xbf").strip(_BLANK)
    if whole[:1] not in (b"[", b"{"):
        return int(bool(whole))
    if whole.startswith(b"{") and _is_lines(whole):
        return data.count(b"\n") + (not data.endswith(b"\n"))
    text = whole.replace(rb"\\", b"xx").replace(rb"\"", b"xx")
    shape = _TEXT.sub(b"x", text).translate(_SHAPE, _BLANK)
    return _Signs(shape, is_cut=text.count(b'"') % 2 == 1).rows


def _is_lines(whole: bytes) -> bool:
    lines = [line.strip(_BLANK) for line in whole.split(b"\n", 64)[:64]]
    first = [line for line in lines if line][:9]
    return len(first) > 1 and 2 * sum(line[:1] + line[-1:] == b"{}" for line in first) >= len(first)


class _Signs:
    """A JSON value reduced to its signs, with an x for each sign of anything else."""

    def __init__(self, shape: bytes, *, is_cut: bool) -> None:
        self.pieces: list[bytes] = []
        depth, start, end = 0, 1, None
        for sign in _SIGN.finditer(shape):
            depth += (sign[0] in b"[{") - (sign[0] in b"]}")
            if depth == 0 or (depth == 1 and sign[0] == b","):
                self.pieces.append(shape[start : sign.start()])
                start = sign.end()
            if depth == 0:
                end = sign.start()
                break
        self.rows = self._rows(shape, start, end, is_early=end is None and (depth > 1 or is_cut))

    def _rows(self, shape: bytes, start: int, end: int | None, *, is_early: bool) -> int:
        is_keyed = bool(self.pieces[0:1]) and all(piece.lstrip(b"x")[:1] == b"{" for piece in self.pieces)
        pieces = len(self.pieces) if shape[:1] == b"[" or is_keyed else 1
        if end is None:
            rest = shape[start:]
            is_single = shape[:1] == b"{" and not is_keyed
            return 1 if is_single else pieces + (1 if is_early or not rest else 2)
        is_empty = self.pieces == [b""]
        is_matched = shape[:1] + shape[end : end + 1] in (b"[]", b"{}")
        has_more = len(shape) > end + 1 or not is_matched
        return (0 if is_empty and shape[:1] == b"[" else pieces) + has_more


def _count_xml(data: bytes) -> int:
    rows = depth = 0
    safe = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": True}
    try:
        for event, element in etree.iterparse(io.BytesIO(data), events=("start", "end"), **safe):
            depth += 1 if event == "start" else -1
            if depth > MAX_DEPTH or (event == "start" and depth == 1 and element.getroottree().docinfo.doctype):
                return rows + 1
            if event == "end" and depth == 1:
                rows += 1
                element.clear()
                element.getparent().remove(element)
    except etree.XMLSyntaxError:
        rows += 1
    return rows
