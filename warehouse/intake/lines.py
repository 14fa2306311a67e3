"""A stream of bytes as numbered lines. No line is held that is longer than the limit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from schemas.reasons import Reason
from schemas.rows.batch import QUOTED_BYTES, BadRow, Lines

MAX_LINE_BYTES = 64 << 20
_BOM = b"\xef\xbb\xbf"


def cut(
    blocks: Iterator[bytes], byte_offset: int = 0, number: int = 1, max_bytes: int = MAX_LINE_BYTES
) -> Iterator[Lines]:
    """Cut `blocks` at line feeds; the first line begins at `byte_offset` and has `number`.

    A byte order mark at the start of a file is skipped. A line of more than `max_bytes` becomes a bad row.
    """
    cutter = _Cutter(byte_offset, number, max_bytes)
    for block in blocks:
        yield cutter.take(block)
    yield cutter.end()


class _Cutter:
    def __init__(self, byte_offset: int, number: int, max_bytes: int) -> None:
        self.offset = byte_offset
        self.number = number
        self.max_bytes = max_bytes
        self.rest = b""
        self.dropped = 0

    def take(self, block: bytes) -> Lines:
        """Return the lines that `block` completes."""
        bad: list[BadRow] = []
        if self.dropped:
            block = self._skip(block, bad)
            if not block and self.dropped:
                return Lines([], [], [], bad)
        pieces = (self.rest + block).split(b"\n")
        self.rest = pieces.pop()
        lines = self._numbered(pieces, bad)
        if len(self.rest) > self.max_bytes:
            self.dropped = len(self.rest)
            self.rest = self.rest[:QUOTED_BYTES]
        return lines

    def end(self) -> Lines:
        """Return the last line, which no line feed ends."""
        if self.dropped:
            return Lines([], [], [], [self._too_long(self.dropped, self.rest)])
        return self._numbered([self.rest] if self.rest else [], [])

    def _skip(self, block: bytes, bad: list[BadRow]) -> bytes:
        """Drop the rest of a line that is too long; return what follows it."""
        feed = block.find(b"\n")
        if feed < 0:
            self.dropped += len(block)
            return b""
        length = self.dropped + feed
        bad.append(self._too_long(length, self.rest))
        self._step(length)
        self.dropped, self.rest = 0, b""
        return block[feed + 1 :]

    def _numbered(self, pieces: list[bytes], bad: list[BadRow]) -> Lines:
        if pieces and self.offset == 0 and pieces[0].startswith(_BOM):
            pieces[0] = pieces[0][len(_BOM) :]
            self.offset = len(_BOM)
        if pieces and max(map(len, pieces)) > self.max_bytes:
            return self._without_long_ones(pieces, bad)
        offsets = list(accumulate((len(piece) + 1 for piece in pieces), initial=self.offset))
        numbers = list(range(self.number, self.number + len(pieces)))
        self.offset, self.number = offsets.pop(), self.number + len(pieces)
        return Lines(numbers, offsets, pieces, bad)

    def _without_long_ones(self, pieces: list[bytes], bad: list[BadRow]) -> Lines:
        lines = Lines([], [], [], bad)
        for piece in pieces:
            if len(piece) > self.max_bytes:
                bad.append(self._too_long(len(piece), piece))
            else:
                lines.numbers.append(self.number)
                lines.byte_offsets.append(self.offset)
                lines.data.append(piece)
            self._step(len(piece))
        return lines

    def _too_long(self, length: int, head: bytes) -> BadRow:
        detail = f"{length:,} bytes; the limit is {self.max_bytes:,}"
        return BadRow.quoting(self.number, self.offset, Reason.too_long, detail, head)

    def _step(self, length: int) -> None:
        self.offset += length + 1
        self.number += 1
