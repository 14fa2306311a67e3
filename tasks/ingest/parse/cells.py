"""Records of a CSV or TSV file → rows: a header, then one text for each of its names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import orjson

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Document, Lines, Rows, Samples, Table
from tasks.ingest.parse.records import Line, Record, lines_of, quoted, tabbed
from tasks.ingest.parse.strict import Refusal

_BATCH_BYTES = 4 << 20
_BATCH_ROWS = 8192


def cell_rows(
    parts: Iterable[Lines | Document | Table | Samples | Rows], form: str, columns: Sequence[str] | None = None
) -> Iterator[Rows]:
    """Give the rows of a CSV or TSV file. Every value is a text, and an empty cell an empty one.

    Without `columns`, the first record is the header and no row. If it cannot be read, every row is refused: nothing is
    guessed.
    """
    sheet, size = _Sheet(columns or ()), 0
    read = quoted if form == "csv" else tabbed
    for found in read(chain.from_iterable(_lines(part) for part in parts)):
        size += sheet.take(found)
        if size > _BATCH_BYTES or len(sheet.rows.lines) >= _BATCH_ROWS:
            yield sheet.emptied()
            size = 0
    yield sheet.emptied()


def _lines(part: Lines | Document | Table | Samples | Rows) -> Iterator[Line | BadRow]:
    if isinstance(part, Lines):
        yield from lines_of(part)
    elif isinstance(part, Rows):
        yield from part.bad


class _Sheet:
    """The header, once it is known, and the rows that wait to be given."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.header = list(columns)
        self.refusal: Refusal | None = None
        self.rows = Rows([], [], [], [], [], [])

    def emptied(self) -> Rows:
        """Return the waiting rows."""
        rows, self.rows = self.rows, Rows([], [], [], [], [], [])
        return rows

    def take(self, found: Record | BadRow) -> int:
        """Take the next record; return about how many bytes it holds."""
        if isinstance(found, BadRow):
            self._refuse_all_without_header()
            self.rows.bad.append(found)
            return len(found.raw)
        refusal = self._refusal(found)
        if found.cells == []:
            self.rows.blank.append((found.lines[0].number, found.lines[0].byte_offset))
        elif refusal is not None:
            self._refuse_all_without_header()
            self.rows.bad.append(_bad(found, refusal))
        elif self.header:
            self._add(found.lines[0], found.cells or [])
        else:
            self._set_header(found.cells or [])
        return sum(len(line.data) for line in found.lines)

    def _refusal(self, record: Record) -> Refusal | None:
        """Say why a record is no row, nor the header."""
        if record.cells is None:
            return Refusal(Reason.torn_row, record.detail)
        if not all(line.is_text for line in record.lines):
            return Refusal(Reason.not_utf8, "the row holds bytes that are no UTF-8")
        if self.refusal is None and self.header and len(record.cells) != len(self.header):
            return Refusal(Reason.torn_row, f"{len(record.cells)} cells under {len(self.header)} names")
        return self.refusal

    def _refuse_all_without_header(self) -> None:
        if not self.header and self.refusal is None:
            self.refusal = Refusal(Reason.torn_row, "the header cannot be read")

    def _set_header(self, names: list[str]) -> None:
        self.header = names
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            self.refusal = Refusal(Reason.duplicate_keys, f"the header names {', '.join(twice)} twice")

    def _add(self, line: Line, cells: list[str]) -> None:
        doc = dict(zip(self.header, cells, strict=True))
        self.rows.docs.append(doc)
        self.rows.lines.append(line.number)
        self.rows.byte_offsets.append(line.byte_offset)
        self.rows.raw.append(orjson.dumps(doc).decode())


def _bad(record: Record, refusal: Refusal) -> BadRow:
    data = b"\n".join(line.data for line in record.lines)
    return BadRow.quoting(record.lines[0].number, record.lines[0].byte_offset, *refusal, data)
