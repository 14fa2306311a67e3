"""The bytes of media, each content once: `media/<first two digits>/<sha256>` of a home."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from schemas.media import media_id
from warehouse import disk
from warehouse.home import Home
from warehouse.takedown.tombstones import read_tombstones


class BlobShelf:
    """The media folder of a home. Any number of processes may use it at once.

    What was taken down is not kept again. Blobs are durable once `settle` has returned: a disk is not waited for after
    every one of them, because there are as many as there are media.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._forgotten = frozenset(read_tombstones(home).filter(kind="medium")["digest"].drop_nulls())
        self._is_settled = True

    def put(self, data: bytes) -> str:
        """Keep `data` and return its SHA-256. Raises Terminal if the disk is full or broken."""
        sha256 = hashlib.sha256(data).hexdigest()
        place = self.place(sha256)
        if self.is_forgotten(sha256) or _is_there(place, len(data)):
            return sha256
        try:
            with disk.aside(self._home.aside) as folder:
                beside = folder / sha256
                beside.write_bytes(data)
                # An export may be the same file under another name: nobody shall change both by editing one.
                beside.chmod(0o444)
                place.parent.mkdir(parents=True, exist_ok=True)
                disk.rename(beside, place)
        except OSError as error:
            raise disk.cannot_write(place, error) from error
        self._is_settled = False
        return sha256

    def place(self, sha256: str) -> Path:
        """Say where the blob with this digest lies, if it is there."""
        return blob_place(self._home, sha256)

    def has(self, sha256: str) -> bool:
        """Tell whether the blob with this digest is there."""
        return self.place(sha256).is_file()

    def is_forgotten(self, sha256: str) -> bool:
        """Tell whether the medium with this digest was taken down."""
        return media_id(sha256) in self._forgotten

    def settle(self) -> None:
        """Make everything that was put durable."""
        if not self._is_settled:
            os.sync()
            self._is_settled = True


def blob_place(home: Home, sha256: str) -> Path:
    """Say where the blob with this digest lies in a home."""
    return home.media / sha256[:2] / sha256


def _is_there(place: Path, size: int) -> bool:
    try:
        return place.stat().st_size == size
    except FileNotFoundError:
        return False
