"""Open a shard and give what it holds, part by part."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path

from schemas.errors import Terminal
from schemas.mapping.layout import LINED, Layout
from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Document, Lines, Material, Rows, Samples, Shard, Table
from warehouse.intake import samples, tables
from warehouse.intake.archive import member_blocks, members
from warehouse.intake.formats import CLOSED, kind_of
from warehouse.intake.lines import cut
from warehouse.intake.stream import Damaged, decompressed, file_blocks
from warehouse.intake.tables import sheets

WHOLE = ("json", "xml")
MAX_DOCUMENT_BYTES = 2 << 30


def read(shard: Shard, *, limit: int | None = None) -> Material:
    """Open `shard`; its first `limit` rows are wanted. `tasks.ingest.parse` makes rows of what this returns.

    A damaged file becomes one bad row. Raises `Terminal`, when the parts are taken, if the file is gone or shorter.
    """
    return Material(shard.format, _parts(shard), limit, shard.layout.columns if shard.layout else None)


def blocks_of(shard: Shard) -> Iterator[bytes]:
    """Read the content of a shard, unpacked. Raises `Damaged` where it cannot be trusted."""
    place = Path(shard.place)
    if shard.member is None:
        stored, name = file_blocks(place, shard.start, shard.end), place.name
    else:
        stored, name = member_blocks(place, shard.member), shard.member
    kind = kind_of(name)
    return decompressed(stored, kind.compression if kind else None)


@lru_cache(maxsize=4096)
def damage_of(shard: Shard) -> str | None:
    """Say what is wrong with a packed file, having unpacked it to its end, or nothing; plain files are not looked at.

    Checksums stand at the end of what they protect: rows may only be believed once it has been reached.
    """
    if shard.format == CLOSED:
        return _why_closed(shard)
    if shard.format == samples.FORMAT:
        return _why_damaged(shard)
    if shard.member is None and not _is_compressed(shard):
        return None
    try:
        for _ in blocks_of(shard):
            pass
    except Damaged as error:
        return str(error)
    return None


def document_of(shard: Shard) -> bytes | None:
    """Read a shard that only makes sense as a whole, or return nothing if it is too long for that."""
    pieces, size = [], 0
    for block in blocks_of(shard):
        pieces.append(block)
        size += len(block)
        if size > MAX_DOCUMENT_BYTES:
            return None
    return b"".join(pieces)


@contextmanager
def unpacked_file(shard: Shard) -> Iterator[Path]:
    """Lend a file with the content of a shard: the shard's own, or a nameless copy if that one is packed."""
    if shard.member is None and not _is_compressed(shard):
        yield Path(shard.place)
        return
    with tempfile.NamedTemporaryFile(prefix="winnow-") as spool:
        for block in blocks_of(shard):
            spool.write(block)
        spool.flush()
        yield Path(spool.name)


def _parts(shard: Shard) -> Iterator[Lines | Document | Table | Samples | Rows]:
    try:
        damage = damage_of(shard)
        if damage is not None:
            yield _lost(damage)
        elif shard.format in LINED:
            yield from map(_recoder(shard), cut(blocks_of(shard), shard.start, shard.first_line))
        elif shard.format == "xlsx":
            with unpacked_file(shard) as place:
                yield from sheets.read(place, shard.layout or Layout())
        elif shard.format == samples.FORMAT:
            yield from samples.read(Path(shard.place))
        elif shard.format in WHOLE:
            yield _document(shard)
        else:
            yield from _table_parts(shard)
    except OSError as error:
        raise Terminal(
            f"{shard.place} cannot be read: {error.strerror or error}: put it right and run again"
        ) from error


def _recoder(shard: Shard) -> Callable[[Lines], Lines]:
    """Make lines of another encoding lines of UTF-8, at the places where they stand; others stay to be refused."""
    encoding = shard.layout.encoding if shard.layout else "utf-8"
    return (lambda lines: lines) if encoding == "utf-8" else partial(_recoded, encoding)


def _recoded(encoding: str, lines: Lines) -> Lines:
    try:
        return lines._replace(data=b"\n".join(lines.data).decode(encoding).encode().split(b"\n") if lines.data else [])
    except UnicodeDecodeError:
        return lines._replace(data=[_line(encoding, line) for line in lines.data])


def _line(encoding: str, line: bytes) -> bytes:
    try:
        return line.decode(encoding).encode()
    except UnicodeDecodeError:
        return line


def _why_closed(shard: Shard) -> str:
    if shard.member is not None:
        return "an archive inside an archive is not opened: unpack it"
    try:
        members(Path(shard.place))
    except Damaged as error:
        return str(error)
    return "the archive has changed since its members were listed: run again"


def _why_damaged(shard: Shard) -> str | None:
    try:
        members(Path(shard.place))
    except Damaged as error:
        return str(error)
    return None


def _is_compressed(shard: Shard) -> bool:
    kind = kind_of(Path(shard.place).name)
    return kind is not None and kind.compression is not None


def _lost(detail: str) -> Rows:
    return Rows.none_but([BadRow(1, 0, Reason.damaged_file, detail, "")])


def _document(shard: Shard) -> Document | Rows:
    data = document_of(shard)
    if data is not None:
        return Document(data)
    detail = f"one document of more than {MAX_DOCUMENT_BYTES >> 30} GiB: write it as JSON lines"
    return Rows.none_but([BadRow(1, 0, Reason.too_long, detail, "")])


def _table_parts(shard: Shard) -> Iterator[Table | Rows]:
    with unpacked_file(shard) as place:
        yield from tables.read(place, shard.format)
