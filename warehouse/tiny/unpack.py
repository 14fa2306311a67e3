"""Unpacks the embedded models once into a home: `coca/` as open_clip reads it, `whisper/`, and spoken `samples/`."""

from __future__ import annotations

import hashlib
import tarfile
from importlib.resources import as_file, files
from pathlib import Path

import zstandard

from warehouse import disk
from warehouse.home import Home

ARCHIVE = "winnow-tiny.tar.zst"


def unpack_tiny(home: Home) -> Path:
    """Return the folder of the embedded models, named by the digest of their archive; unpack it if it is not there.

    The folder appears whole or not at all. Raises Terminal if the disk is full or broken.
    """
    with as_file(files("warehouse.tiny") / ARCHIVE) as archive:
        place = home.hub / "winnow-tiny" / _digest(archive)
        if not place.exists():
            _unpack(archive, place, home)
    return place


def _digest(archive: Path) -> str:
    with archive.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:16]


def _unpack(archive: Path, place: Path, home: Home) -> None:
    try:
        with disk.aside(home.aside, f"tiny-{place.name}") as lent:
            # Another process may have been first while this one waited for the folder.
            if place.exists():
                return
            fresh = lent / "new"
            with (
                archive.open("rb") as packed,
                zstandard.ZstdDecompressor().stream_reader(packed) as plain,
                tarfile.open(fileobj=plain, mode="r|") as members,
            ):
                members.extractall(fresh, filter="data")
            place.parent.mkdir(parents=True, exist_ok=True)
            disk.put_folder_in_place(fresh, place)
    except OSError as error:
        raise disk.cannot_write(place, error) from error
