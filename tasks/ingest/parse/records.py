"""Lines of a CSV or TSV file → records, each with its cells, or torn."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.rows.batch import BadRow, Lines

# A quote that is not closed within so many bytes was no opening quote.
MAX_RECORD_BYTES = 64 << 20

# The module's own limit, of 128 KiB a cell, is shared by everybody in the process and shorter than many an answer.
csv.field_size_limit(MAX_RECORD_BYTES)


class Line(NamedTuple):
    """A line of the file; bytes that are no text stand in `text` as lone surrogates."""

    number: int
    byte_offset: int
    data: bytes
    text: str
    is_text: bool


class Record(NamedTuple):
    """One line or more with their cells. A blank line has none; a torn record has null, and `detail` says why."""

    lines: list[Line]
    cells: list[str] | None
    detail: str = ""


def lines_of(part: Lines) -> Iterator[Line | BadRow]:
    """Decode the lines of `part`; those that were too long stand at their places."""
    try:
        texts = b"\n".join(part.data).decode().split("\n")
    except UnicodeDecodeError:
        lines = [_line(*each) for each in zip(part.numbers, part.byte_offsets, part.data, strict=True)]
    else:
        # Without lines there is one empty text, and no number for it.
        parallel = zip(part.numbers, part.byte_offsets, part.data, texts, strict=False)
        lines = [Line(*each, is_text=True) for each in parallel]
    all_lines: list[Line | BadRow] = [*lines, *part.bad]
    yield from sorted(all_lines, key=lambda line: line[0]) if part.bad else lines


def _line(number: int, byte_offset: int, data: bytes) -> Line:
    try:
        return Line(number, byte_offset, data, data.decode(), is_text=True)
    except UnicodeDecodeError:
        return Line(number, byte_offset, data, data.decode("utf-8", "surrogateescape"), is_text=False)


def tabbed(lines: Iterable[Line | BadRow]) -> Iterator[Record | BadRow]:
    """Split each line at its tabs, as text/tab-separated-values has it: a quote is a sign like any other.

    Only a cell whose quotes are all doubled within a pair around it is taken for a quoted one, as pandas writes it.
    """
    for line in lines:
        if isinstance(line, BadRow):
            yield line
            continue
        text = line.text.rstrip("\r")
        cells = text.split("\t") if text else []
        yield Record([line], [_unquoted(cell) for cell in cells] if '""' in text else cells)


def _unquoted(cell: str) -> str:
    inside = cell[1:-1]
    is_quoted = len(cell) > 2 and cell[0] == cell[-1] == '"' and '""' in inside
    return inside.replace('""', '"') if is_quoted and '"' not in inside.replace('""', "") else cell


def quoted(lines: Iterable[Line | BadRow]) -> Iterator[Record | BadRow]:
    """Read records as RFC 4180 has them. A quote that opens a cell and never closes it costs its own line only."""
    feed = _Feed(iter(lines))
    while not feed.is_over:
        feed.taken = []
        try:
            yield Record(feed.taken, next(csv.reader(feed, strict=True)))
        except csv.Error as error:
            first, *rest = feed.taken
            feed.again.extendleft(reversed(rest))
            yield Record([first], None, str(error))
        except StopIteration:
            if feed.barrier is not None:
                yield feed.barrier
                feed.barrier = None


class _Feed:
    """Lines one by one, remembered until their record is complete; a line that is too long ends whatever is open."""

    def __init__(self, lines: Iterator[Line | BadRow]) -> None:
        self.lines = lines
        self.again: deque[Line] = deque()
        self.taken: list[Line] = []
        self.size = 0
        self.barrier: BadRow | None = None
        self.is_over = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._next()
        self.size = (self.size if self.taken else 0) + len(line.data)
        if self.taken and self.size > MAX_RECORD_BYTES:
            self.again.appendleft(line)
            raise StopIteration
        self.taken.append(line)
        return line.text + "\n"

    def _next(self) -> Line:
        if self.again:
            return self.again.popleft()
        found = self.barrier or next(self.lines, None)
        if found is None:
            self.is_over = not self.taken
            raise StopIteration
        if isinstance(found, BadRow):
            self.barrier = found
            raise StopIteration
        return found
