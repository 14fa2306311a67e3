"""From the names of media to their bytes: below folders, inside archives, and nowhere else."""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple, cast

from schemas.media import Found, modality_of_bytes
from warehouse.intake.archive import ARCHIVE_ERRORS, TarSource
from warehouse.intake.stream import BLOCK
from warehouse.media.fetch import Guards, Unfetched, fetch
from warehouse.media.roots import Root
from warehouse.media.shelf import BlobShelf

_OPENING: Final = 64
# So many addresses are waited for at a time.
_FETCHES: Final = 16
_NOWHERE: Final = Found(None, None, None, "not found: no such file below the plan's media.root")


class Sight(NamedTuple):
    """A file as it was when it was read; while it looks the same it is not read again."""

    place: str
    size: int
    changed: int


class Seen(NamedTuple):
    """What a reference led to, and the file that it led to."""

    found: Found
    sight: Sight | None


Known = Callable[[Sight], Found | None]


def find_media(
    references: Iterable[str],
    roots: Sequence[Root],
    shelf: BlobShelf,
    max_bytes: int,
    known: Known,
    guards: Guards | None,
) -> dict[str, Seen]:
    """Look for each reference in the roots, in their order, and then on the web if there are `guards` for that.

    What is found is kept on the shelf. A reference that leads nowhere, or out of its root, or to more than `max_bytes`
    bytes, gets an error. `known` is asked before a file is read.
    """
    left, seen = dict.fromkeys(references), dict[str, Seen]()
    for root in roots:
        look = _in_folder if root.is_folder else _in_archive
        for reference, found in look(root, list(left), shelf, max_bytes, known):
            seen[reference] = found
            del left[reference]
    if guards is not None:
        for reference, found in _on_the_web([each for each in left if _is_address(each)], shelf, known, guards):
            seen[reference] = found
            del left[reference]
    return seen | {reference: Seen(_why_nowhere(reference), None) for reference in left}


def inner_path(reference: str) -> PurePosixPath | None:
    """Read a reference as a path below a root; none if it is no such path, whatever system it was written on."""
    if any(sign in reference for sign in ("\0", "\\", "://")) or reference.startswith("/"):
        return None
    path = PurePosixPath(reference)
    return None if ".." in path.parts or not path.parts else path


def _is_address(reference: str) -> bool:
    return reference.startswith(("http://", "https://"))


def _why_nowhere(reference: str) -> Found:
    if _is_address(reference):
        return _NOWHERE._replace(error="it is an address of the web, and the plan does not say media.fetch")
    if inner_path(reference) is None:
        return _NOWHERE._replace(error="refused: the reference is no relative path that stays below media.root")
    return _NOWHERE


_Answers = Iterator[tuple[str, Seen]]


def _in_folder(root: Root, references: Sequence[str], shelf: BlobShelf, max_bytes: int, known: Known) -> _Answers:
    folder = root.places[0]
    real = Path(os.path.realpath(folder))

    def look(reference: str) -> Seen | None:
        path = inner_path(reference)
        return None if path is None else _read(folder / path, real, shelf, max_bytes, known)

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for reference, seen in zip(references, pool.map(look, references), strict=True):
            if seen is not None:
                yield reference, seen


def _read(place: Path, real: Path, shelf: BlobShelf, max_bytes: int, known: Known) -> Seen | None:
    """Read a regular file that lies below `real` when all links are followed; nothing if there is none."""
    try:
        # What a link leads to is looked at before it is opened, and a pipe would never end.
        if not Path(os.path.realpath(place)).is_relative_to(real):
            return Seen(_refused("the path leads out of media.root by a link"), None)
        descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        return Seen(_refused(f"it cannot be read: {error.strerror}"), None)
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        os.close(descriptor)
        return Seen(_refused("it is no regular file"), None)
    sight = Sight(str(place), about.st_size, about.st_mtime_ns)
    with os.fdopen(descriptor, "rb") as file:
        if about.st_size > max_bytes:
            return Seen(_too_large(about.st_size, max_bytes), sight)
        before = known(sight)
        return Seen(before or _kept(file.read(max_bytes + 1), shelf), sight)


def _on_the_web(references: Sequence[str], shelf: BlobShelf, known: Known, guards: Guards) -> _Answers:
    def look(reference: str) -> Seen:
        sight = Sight(reference, 0, 0)
        before = known(sight)
        if before is not None:
            return Seen(before, sight)
        try:
            return Seen(_kept(fetch(reference, guards), shelf), sight)
        except Unfetched as error:
            return Seen(_NOWHERE._replace(error=f"not fetched: {error}"), None)

    with ThreadPoolExecutor(_FETCHES) as pool:
        yield from zip(references, pool.map(look, references), strict=True)


def _in_archive(root: Root, references: Sequence[str], shelf: BlobShelf, max_bytes: int, known: Known) -> _Answers:
    wanted: dict[str, list[str]] = {}
    for reference in references:
        path = inner_path(reference)
        if path is not None:
            wanted.setdefault(path.as_posix(), []).append(reference)
    if not wanted:
        return
    name = str(root.places[0])
    sights = {member: Sight(f"{name}!{member}@{root.identity}", 0, 0) for member in wanted}
    before = {member: found for member, sight in sights.items() if (found := known(sight)) is not None}
    for member, found in before.items():
        yield from ((reference, Seen(found, sights[member])) for reference in wanted.pop(member))
    try:
        for member, data, size in _members(root.places, wanted, max_bytes):
            found = _too_large(size, max_bytes) if data is None else _kept(data, shelf)
            yield from ((reference, Seen(found, sights[member])) for reference in wanted.pop(member, ()))
    except ARCHIVE_ERRORS as error:
        for member in list(wanted):
            refused = _refused(f"the archive {root.name} cannot be read to its end: {error}")
            yield from ((reference, Seen(refused, None)) for reference in wanted.pop(member))


def _members(
    places: Sequence[Path], wanted: dict[str, list[str]], max_bytes: int
) -> Iterator[tuple[str, bytes | None, int]]:
    if places[0].name.lower().endswith(".zip"):
        yield from _of_zip(places[0], wanted, max_bytes)
    else:
        yield from _of_tar(places, wanted, max_bytes)


def _of_zip(place: Path, wanted: dict[str, list[str]], max_bytes: int) -> Iterator[tuple[str, bytes | None, int]]:
    with zipfile.ZipFile(place) as archive:
        for info in archive.infolist():
            name = PurePosixPath(info.filename).as_posix()
            if name in wanted and not info.is_dir():
                with archive.open(info) as file:
                    data = file.read(max_bytes + 1)  # the header may say anything
                yield name, None if len(data) > max_bytes else data, max(info.file_size, len(data))


def _of_tar(
    places: Sequence[Path], wanted: dict[str, list[str]], max_bytes: int
) -> Iterator[tuple[str, bytes | None, int]]:
    source = cast("IO[bytes]", TarSource(places))
    with tarfile.open(fileobj=source, mode="r|", bufsize=BLOCK) as archive:
        for info in archive:
            name = PurePosixPath(info.name).as_posix()
            file = archive.extractfile(info) if name in wanted and info.isreg() else None
            if file is not None:
                yield name, None if info.size > max_bytes else file.read(), info.size
            if not wanted:
                return


def _kept(data: bytes, shelf: BlobShelf) -> Found:
    return Found(shelf.put(data), len(data), modality_of_bytes(data[:_OPENING]))


def _refused(why: str) -> Found:
    return Found(None, None, None, f"refused: {why}")


def _too_large(size: int, most: int) -> Found:
    return Found(None, size, None, f"too large: {size:,} bytes, and media.max_bytes is {most:,}")
