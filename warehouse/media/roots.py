"""Roots: the folders and archives in which media lie that rows only name."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from schemas.errors import Terminal
from warehouse.intake.formats import is_archive

# `videos.tar.gz0`, `images.tar.gz.part-00`: pieces of one archive, in the order of their names.
_PIECE: Final = re.compile(r"(?P<archive>.+\.(?:tar|tar\.gz|tgz))(?:\.?(?:part-?)?[0-9a-z]{1,3})")


class Root(NamedTuple):
    """A folder, or an archive in one or several pieces. `identity` changes when what is in it does.

    Files are told apart by path, size and time of change, not by reading them: there may be terabytes.
    """

    name: str
    places: tuple[Path, ...]
    identity: str

    @property
    def is_folder(self) -> bool:
        """Tell a folder from an archive."""
        return self.places[0].is_dir()


def find_roots(said: Sequence[str], base: Path) -> list[Root]:
    """Find what a plan calls its roots, in its order. Raises Terminal if a pattern finds nothing, or no root."""
    return [root for pattern in said for root in _roots(pattern, base)]


def root_of(files: Sequence[tuple[str, Path]]) -> list[Root]:
    """Take named files for archives; the pieces of one belong together."""
    pieces: dict[str, list[Path]] = {}
    for name, place in files:
        whole = None if is_archive(name) else _PIECE.fullmatch(name)
        if whole is None and not is_archive(name):
            raise Terminal(f"media.root: {name} is neither a folder nor an archive (.tar, .tar.gz, .zip)")
        pieces.setdefault(name if whole is None else whole["archive"], []).append(place)
    return [Root(name, tuple(places), _identity(places)) for name, places in pieces.items()]


def _roots(pattern: str, base: Path) -> Iterator[Root]:
    found = [pattern] if (base / pattern).exists() else sorted(glob.glob(pattern, root_dir=base, recursive=True))
    if not found:
        raise Terminal(f"media.root: nothing is at {pattern} (from {base}): correct it, or leave it out")
    folders = [name for name in found if (base / name).is_dir()]
    for name in folders:
        yield Root(name, (base / name,), _identity([base / name]))
    yield from root_of([(name, base / name) for name in found if name not in folders])


def _identity(places: Sequence[Path]) -> str:
    said = hashlib.sha256()
    for place in places:
        for path, stat in _files(place) if place.is_dir() else [("", place.stat())]:
            said.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return said.hexdigest()[:32]


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """List all files below a folder in order; what cannot be listed is as if it were not there."""
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(at, name)
            try:
                yield os.path.relpath(path, folder), os.stat(path)
            except OSError:
                continue
