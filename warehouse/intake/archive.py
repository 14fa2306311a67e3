"""Members of zip and tar files: listed and streamed, never written to disk."""

from __future__ import annotations

import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import IO, NamedTuple, cast

from warehouse.intake.stream import BLOCK, Damaged, bounded, decompressed, file_blocks

ARCHIVE_ERRORS = (
    Damaged,
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error),
    *(EOFError, OSError, RuntimeError, ValueError),  # what the two modules let through for hostile headers
)


_PLAIN_TAR = re.compile(r"\.tar(?!\.gz)")


class Member(NamedTuple):
    """A file inside an archive, and how many bytes it takes there."""

    name: str
    bytes: int


def members(place: Path) -> list[Member]:
    """List the regular files of an archive by name. Raises `Damaged` unless the archive is sound to its end."""
    with _told_as_damage():
        found = sorted(_zip_members(place) if _is_zip(place) else _tar_members(place))
    for one, other in pairwise(found):
        if one.name == other.name:
            raise Damaged(f"the archive holds two members called {one.name}: remove one of them")
    return [member for member in found if not _is_hidden(member.name)]


def member_blocks(place: Path, name: str) -> Iterator[bytes]:
    """Read one member. Raises `Damaged` if it is gone, damaged, or grows out of all proportion."""
    with _told_as_damage():
        yield from _zip_blocks(place, name) if _is_zip(place) else _tar_blocks(place, name)


@contextmanager
def _told_as_damage() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, PermissionError):
        raise
    except ARCHIVE_ERRORS as error:
        raise Damaged(f"the archive cannot be read: {error}") from error


def _is_zip(place: Path) -> bool:
    return place.name.lower().endswith(".zip")


def _is_hidden(name: str) -> bool:
    return name.rpartition("/")[2].startswith(".")


def _zip_members(place: Path) -> list[Member]:
    with zipfile.ZipFile(place) as archive:
        return [Member(each.filename, each.compress_size) for each in archive.infolist() if not each.is_dir()]


def _zip_blocks(place: Path, name: str) -> Iterator[bytes]:
    with zipfile.ZipFile(place) as archive:
        try:
            info = archive.getinfo(name)
        except KeyError as error:
            raise Damaged(f"the archive has no member {name}") from error
        with archive.open(info) as file:
            yield from bounded(iter(partial(file.read, BLOCK), b""), info.compress_size)


def _tar_members(place: Path) -> Iterator[Member]:
    source = TarSource([place])
    with tarfile.open(fileobj=cast("IO[bytes]", source), mode="r|", bufsize=BLOCK) as archive:
        for info in archive:
            if info.isreg() and not info.issparse():
                yield Member(info.name, info.size)
        source.drain()
        # tarfile takes a damaged header for the end of the archive.
        if source.content > archive.offset or source.given < archive.offset + tarfile.BLOCKSIZE:
            raise Damaged("the archive cannot be read: a header is damaged or its end is missing")


def _tar_blocks(place: Path, name: str) -> Iterator[bytes]:
    with tarfile.open(fileobj=cast("IO[bytes]", TarSource([place])), mode="r|", bufsize=BLOCK) as archive:
        for info in archive:
            file = archive.extractfile(info) if info.name == name and info.isreg() else None
            if file is not None:
                yield from iter(partial(file.read, BLOCK), b"")
                return
    raise Damaged(f"the archive has no member {name}")


class TarSource:
    """A tar file, in one piece or several, unpacked: something that can be read once from its start to its end."""

    def __init__(self, places: Sequence[Path]) -> None:
        stored = chain.from_iterable(map(file_blocks, places))
        is_packed = not _PLAIN_TAR.search(places[0].name.lower())
        self._blocks = decompressed(stored, ".gz" if is_packed else None)
        self._rest = b""
        self.given = 0
        self.content = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end."""
        if not self._rest:
            self._rest = next(self._blocks, b"")
        block, self._rest = self._rest[:size], self._rest[size:]
        filled = len(block.rstrip(b"\0"))
        self.content = self.given + filled if filled else self.content
        self.given += len(block)
        return block

    def drain(self) -> None:
        """Read to the end, where a checksum is compared."""
        while self.read(BLOCK):
            pass
