"""Everything that changes a disk: the other files of this room write through these few functions.

A file is written in a folder of its own under `aside/`, synced, renamed into place, and its new folder synced. A killed
process leaves at most such a folder behind; the kernel frees its lock, so that `sweep` can tell it from one in use.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from schemas.errors import Terminal

_GATHER = 1 << 20
# Another file system, one without hard links, one that forbids them, or one name too many.
_NO_LINKS = (errno.EXDEV, errno.ENOTSUP, errno.EPERM, errno.EMLINK)
_ADVICE = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "free some space there or raise the quota",
    errno.EROFS: "give a home that can be written",
    errno.EACCES: "give a home that you may write",
    errno.EPERM: "give a home that you may write",
}


class Digest(NamedTuple):
    """Size and SHA-256 of a file, taken while it was written."""

    bytes: int
    sha256: str


class Sink(io.RawIOBase):
    """A file being written: gathers small writes, counts and digests what goes through it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._gathered = bytearray()
        self._hash = hashlib.sha256()
        self._bytes = 0

    def writable(self) -> bool:
        """Tell that this is a file to write to."""
        return True

    def tell(self) -> int:
        """Return how many bytes the file has so far."""
        return self._bytes

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        """Take all of `data`, or raise OSError."""
        self._hash.update(data)
        self._gathered += data
        if len(self._gathered) >= _GATHER:
            self._drain()
        size = memoryview(data).nbytes
        self._bytes += size
        return size

    def finish(self) -> Digest:
        """Hand everything to the operating system; return size and SHA-256 of what was written."""
        self._drain()
        return Digest(self._bytes, self._hash.hexdigest())

    def _drain(self) -> None:
        write(self._descriptor, self._gathered)
        self._gathered = bytearray()


def write(descriptor: int, data: bytes | bytearray) -> None:
    """Write all of `data`, or raise OSError."""
    rest = memoryview(data).cast("B")
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync(descriptor: int) -> None:
    """Make what was written to an open file durable."""
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename(source: Path, target: Path) -> None:
    """Put `source` in the place of `target` in one step."""
    source.replace(target)


def place_copy(source: Path, target: Path) -> None:
    """Give a file a second name, without copying it where the file system can; it is no error if the name is taken."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(source, target)
        with target.open("rb") as copied:
            sync(copied.fileno())


def remove(path: Path) -> None:
    """Delete a file; it is no error if it is gone already."""
    path.unlink(missing_ok=True)


def commit(log: Path, version: int, transaction: Callable[[], None]) -> None:
    """Run `transaction`, which adds entry `version` to the Delta log in folder `log`, and make the entry durable."""
    transaction()
    for entry in [*log.glob(f"{version:020d}*"), *log.glob("_last_checkpoint")]:
        with entry.open("rb") as opened:
            sync(opened.fileno())
    sync_folder(log)


@contextmanager
def aside(root: Path, name: str | None = None) -> Iterator[Path]:
    """Lend an empty folder below `root` that nobody else holds, and take it away at the end.

    Whoever asks for the same `name` waits until it is free. Dying gives the name free as well. Raises Terminal if the
    disk is full or broken.
    """
    folder = root / (name or uuid.uuid4().hex)
    try:
        held = _hold(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        _empty(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _hold(folder: Path, *, wait: bool = True) -> int:
    folder.parent.mkdir(parents=True, exist_ok=True)
    while True:
        # Not `exist_ok`: it fails if the folder is taken away between two of its looks.
        with suppress(FileExistsError):
            folder.mkdir()
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The last holder may have taken the folder away while we waited for it.
            if os.path.samestat(os.fstat(held), folder.stat()):
                return held
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(held)
            raise
        os.close(held)


def _empty(folder: Path) -> None:
    for left in folder.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def sweep(root: Path) -> None:
    """Take away the folders below `root` whose holders died."""
    for folder in root.iterdir() if root.is_dir() else []:
        try:
            held = _hold(folder, wait=False)
        except BlockingIOError:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def write_file(path: Path, folder: Path, fill: Callable[[Sink], object], mode: int = 0o666) -> Digest:
    """Let `fill` write a file in the lent `folder`, then put it durably in place as `path`.

    Readers see the old file or the whole new one. A full or broken disk raises Terminal and leaves the old one.
    """
    beside = folder / path.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            sink = Sink(descriptor)
            fill(sink)
            digest = sink.finish()
            sync(descriptor)
        finally:
            os.close(descriptor)
        rename(beside, path)
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    return digest


def put_in_place(source: Path, target: Path) -> None:
    """Put a file that somebody else wrote durably in the place of `target`, in one step."""
    with source.open("rb") as written:
        sync(written.fileno())
    rename(source, target)
    sync_folder(target.parent)


def put_folder_in_place(source: Path, target: Path) -> None:
    """Put a folder of files that somebody else wrote durably in the place of `target`.

    Somebody looking meanwhile may find nothing there, but never a part of it.
    """
    for file in source.rglob("*"):
        if file.is_file():
            with file.open("rb") as written:
                sync(written.fileno())
    sync_folder(source)
    if target.exists():
        shutil.rmtree(target)
    rename(source, target)
    sync_folder(target.parent)


def write_bytes(path: Path, root: Path, data: bytes, mode: int = 0o666) -> Digest:
    """Put `data` durably in place as `path`, written aside below `root` first."""
    with aside(root) as folder:
        return write_file(path, folder, lambda sink: sink.write(data), mode)


def cannot_write(path: Path, error: OSError) -> Terminal:
    """Say what could not be written, why, and what to do."""
    advice = _ADVICE.get(error.errno or 0, "check the disk")
    why = error.strerror or str(error)
    return Terminal(f"cannot write {path}: {why}; {advice} and run again (what was finished is kept)")
