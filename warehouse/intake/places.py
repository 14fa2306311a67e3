"""From a source of the plan to the shards that hold its rows."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from schemas.errors import Terminal
from schemas.mapping.layout import Layout
from schemas.plan.sources import Source
from schemas.rows.batch import Shard
from warehouse.intake import samples
from warehouse.intake.archive import Member, members
from warehouse.intake.formats import CLOSED, KNOWN, is_archive, kind_of, matches
from warehouse.intake.stream import Damaged, file_blocks

# Pieces begin at the first line after a multiple of this, so that rows added at the end leave the other pieces alone.
PIECE_BYTES = 16 << 20


class Found(NamedTuple):
    """A file to read: the name that its rows carry, where it lies, and which members of it are meant."""

    file: str
    place: Path
    members: str | None = None


class _Part(NamedTuple):
    """A file or a piece of one, before it is looked into."""

    found: Found
    format: str
    start: int
    end: int


class _Look(NamedTuple):
    """What is in a part: its format, its digest, its line feeds, and the members of an archive, unless it is damaged.

    An archive of samples has no members to read one by one.
    """

    format: str
    digest: str
    feeds: int
    members: list[Member] | None


def find(source: Source, root: Path, home: Path) -> list[Shard]:
    """List the shards of `source`, in the order of their names; relative paths start at `root`.

    Files of the Hub are fetched into `home`. Raises `Terminal` if nothing is found, unless the source is optional, or
    if a file cannot be read or is of no known kind; `Transient` if the Hub cannot be reached.
    """
    found = list(_local_files(source.path, root)) if source.path else _hub_files(source, home)
    try:
        layout = source.layout
        parts = [part for each in found for part in _parts(each, layout)]
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            looks = list(pool.map(_look, parts))
    except OSError as error:
        raise Terminal(
            f"source {source.name}: {error.filename} cannot be read: {error.strerror}: correct it"
        ) from error
    shards = [_laid_out(shard, layout) for shard in _shards(source.name, zip(parts, looks, strict=True))]
    if not shards and not source.optional:
        raise Terminal(
            f"source {source.name}: nothing to read at {source.path or source.hub} (from {root}): correct it"
        )
    return shards


def _hub_files(source: Source, home: Path) -> list[Found]:
    from warehouse.intake import hub  # its client takes a second to import

    if source.hub is None:
        return []
    try:
        return [Found(file, place) for file, place in hub.fetch(source.hub, home)]
    except hub.Absent:
        if source.optional:
            return []
        raise


def _local_files(path: str, root: Path) -> Iterator[Found]:
    archive, inside = _split_members(path)
    is_literal = (root / archive).exists()
    for name in [archive] if is_literal else sorted(glob.glob(archive, root_dir=root, recursive=True)):
        place = root / name
        if is_literal and place.is_dir():
            raise Terminal(f"{place} is a folder: name its files, for example {path}/*.jsonl")
        if place.is_file():
            yield Found(_row_name(place, path, root), place, inside)


def _split_members(path: str) -> tuple[str, str | None]:
    """`archive.zip!glob` → the archive and the members meant."""
    archive, sign, inside = path.partition("!")
    return (archive, inside) if sign and is_archive(archive) else (path, None)


def _row_name(place: Path, path: str, root: Path) -> str:
    return place.as_posix() if Path(path).is_absolute() else Path(os.path.relpath(place, root)).as_posix()


def _laid_out(shard: Shard, layout: Layout | None) -> Shard:
    """Note on a shard what the plan says of its file. Raises `Terminal` if that cannot be said of it."""
    if layout is None or shard.format == CLOSED:
        return shard
    shard = shard._replace(format=layout.format or shard.format, layout=layout)
    problem = layout.misfit(shard.format)
    if problem is not None:
        raise Terminal(f"source {shard.source}: {shard.file}: {problem}: correct `layout:`")
    return shard


def _parts(found: Found, layout: Layout | None) -> list[_Part]:
    size = found.place.stat().st_size
    said = layout.format if layout is not None else None
    if is_archive(found.place.name):
        return [_Part(found, said if said == samples.FORMAT else CLOSED, 0, size)]
    kind = kind_of(found.place.name)
    if kind is None:
        raise Terminal(f"{found.file}: unknown kind of file; known are {KNOWN}: rename it or leave it out")
    if said is not None:
        kind = kind._replace(format=said)
    is_cut = kind == ("jsonl", None) and size > PIECE_BYTES
    cuts = [*_piece_starts(found.place, size), size] if is_cut else [0, size]
    return [_Part(found, kind.format, start, end) for start, end in pairwise(cuts)]


def _piece_starts(place: Path, size: int) -> list[int]:
    """Where the pieces of a file begin: at the first line that starts at a multiple of the piece size or after it."""
    starts = [0]
    with place.open("rb") as file:
        for multiple in range(PIECE_BYTES, size, PIECE_BYTES):
            start = _line_start(file.fileno(), max(multiple, starts[-1]), size)
            if starts[-1] < start < size:
                starts.append(start)
    return starts


def _line_start(descriptor: int, position: int, size: int) -> int:
    """Return where the first line begins that starts at `position` or later."""
    position -= 1
    while position < size:
        block = os.pread(descriptor, 1 << 16, position)
        if not block:
            break
        if (feed := block.find(b"\n")) >= 0:
            return position + feed + 1
        position += len(block)
    return size


def _look(part: _Part) -> _Look:
    digest, feeds = hashlib.sha256(), 0
    for block in file_blocks(part.found.place, part.start, part.end):
        digest.update(block)
        feeds += block.count(b"\n")
    form, chosen = _chosen(part.found) if part.format == CLOSED else (part.format, None)
    return _Look(form, digest.hexdigest(), feeds, chosen)


def _chosen(found: Found) -> tuple[str, list[Member] | None]:
    """List the members that are meant; those of no known kind are only an error if a pattern asks for them."""
    try:
        listed = members(found.place)
    except Damaged:
        return CLOSED, None
    if found.members is None and samples.is_sharded(found.place.name, listed):
        return samples.FORMAT, None
    return CLOSED, _meant(found, listed)


def _meant(found: Found, listed: list[Member]) -> list[Member]:
    if found.members is None:
        return [each for each in listed if is_archive(each.name) or kind_of(each.name)]
    return [each for each in listed if matches(each.name, found.members)]


def _shards(source: str, looked: Iterable[tuple[_Part, _Look]]) -> list[Shard]:
    shards, line = [], 1
    for part, look in looked:
        found, size = part.found, part.end - part.start
        line = 1 if part.start == 0 else line
        if look.members is None:
            place = str(found.place)
            span = (part.start, part.end, line, look.digest, size)
            shards.append(Shard(source, found.file, place, None, look.format, *span))
        else:
            shards += [_member_shard(source, found, member, look.digest) for member in look.members]
        line += look.feeds
    return shards


def _member_shard(source: str, found: Found, member: Member, whole: str) -> Shard:
    file = f"{found.file}!{member.name}"
    kind = kind_of(member.name)
    if kind is None and not is_archive(member.name):
        raise Terminal(f"{file}: unknown kind of file; known are {KNOWN}: choose other members")
    digest = hashlib.sha256(f"{whole}\n{member.name}".encode()).hexdigest()
    form = kind.format if kind else CLOSED
    return Shard(source, file, str(found.place), member.name, form, 0, None, 1, digest, member.bytes)
