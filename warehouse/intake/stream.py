"""The bytes of a file as blocks: decompressed, checked to the end, and bounded."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import zstandard

from schemas.errors import Terminal

BLOCK = 1 << 22
MAX_BYTES = 64 << 30
MAX_RATIO = 200
# Small files may be very repetitive; what they grow to cannot hurt.
RATIO_FLOOR = 256 << 20
# A block of this many compressed bytes cannot grow beyond about 128 MiB in one step.
_STEPS = {".gz": 1 << 16, ".zst": 1 << 12}


class Damaged(Exception):
    """Raised inside the intake when a file cannot be trusted; it becomes a bad row before it leaves."""


class _Frame(Protocol):
    """One compressed frame; a file may hold several."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return what `data` adds."""

    @property
    def eof(self) -> bool:
        """Whether the frame is complete."""

    @property
    def unused_data(self) -> bytes:
        """What came after the end of the frame."""


def file_blocks(place: Path, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Read the bytes of a file from `start` to `end`. Raises `Terminal` if it ends earlier."""
    with place.open("rb") as file:
        file.seek(start)
        left = -1 if end is None else end - start
        while left and (block := file.read(BLOCK if left < 0 else min(BLOCK, left))):
            left -= len(block) if left > 0 else 0
            yield block
    if left > 0:
        raise Terminal(f"{place} has become shorter since it was listed: run again when nobody writes to it")


def decompressed(blocks: Iterator[bytes], compression: str | None) -> Iterator[bytes]:
    """Undo `compression`. Raises `Damaged` for a wrong checksum, a missing end, or a content out of all proportion."""
    if compression is None:
        return blocks
    opened: Callable[[], _Frame] = _gzip_frame if compression == ".gz" else _zstd_frame
    return _gathered(_unpacked(blocks, opened, _STEPS[compression]))


def bounded(blocks: Iterator[bytes], stored: int) -> Iterator[bytes]:
    """Pass blocks on. Raises `Damaged` once they are out of all proportion to the `stored` bytes they come from."""
    given = 0
    for block in blocks:
        given += len(block)
        check_growth(stored, given)
        yield block


def check_growth(taken: int, given: int) -> None:
    """Raise `Damaged` if `taken` compressed bytes have grown to more than a sane file holds."""
    if given > RATIO_FLOOR and given > MAX_RATIO * taken:
        raise Damaged(f"it grows more than {MAX_RATIO} times when it is unpacked, as no sane file does")
    if given > MAX_BYTES:
        raise Damaged(f"it is longer than {MAX_BYTES >> 30} GiB when it is unpacked")


def _gzip_frame() -> _Frame:
    return zlib.decompressobj(wbits=31)


def _zstd_frame() -> _Frame:
    frame: _Frame = zstandard.ZstdDecompressor().decompressobj()
    return frame


def _unpacked(blocks: Iterator[bytes], opened: Callable[[], _Frame], step: int) -> Iterator[bytes]:
    frame: _Frame | None = None
    taken = given = 0
    for data in _steps(blocks, step):
        rest = data
        taken += len(data)
        while rest and (frame is not None or not _is_padding(rest, given)):
            frame = frame or opened()
            output, rest = _fed(frame, rest)
            given += len(output)
            check_growth(taken, given)
            yield output
            frame = None if frame.eof else frame
    if frame is not None or taken == 0:
        raise Damaged("it ends before its content does")


def _fed(frame: _Frame, data: bytes) -> tuple[bytes, bytes]:
    try:
        return frame.decompress(data), frame.unused_data if frame.eof else b""
    except (zlib.error, zstandard.ZstdError) as error:
        raise Damaged(f"it cannot be unpacked: {error}") from error


def _is_padding(data: bytes, given: int) -> bool:
    """Tape-minded tools fill the last record with zeros."""
    return given > 0 and not data.strip(b"\0")


def _steps(blocks: Iterator[bytes], step: int) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), step):
            yield block[start : start + step]


def _gathered(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of a size that is worth looking at."""
    buffer = io.BytesIO()
    for block in blocks:
        buffer.write(block)
        if buffer.tell() >= BLOCK:
            yield buffer.getvalue()
            buffer = io.BytesIO()
    if buffer.tell():
        yield buffer.getvalue()
