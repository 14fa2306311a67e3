"""Faults from outside: the k-th operation of `warehouse.disk` fails, or the process dies there.

The product has no hooks for it. Every function that changes the disk is replaced by one that counts, and at the k-th
call strikes before or after doing the work.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from warehouse import disk

OPERATIONS = ("write", "sync", "sync_folder", "rename", "remove", "commit", "place_copy")


def kill() -> None:
    """Die as by a power switch: nothing is flushed, no handler runs."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail_with(number: int) -> Callable[[], None]:
    """Fail as the operating system does."""

    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


STRIKES: dict[str, Callable[[], None]] = {
    "kill": kill,
    "full": fail_with(errno.ENOSPC),
    "broken": fail_with(errno.EIO),
}


class Faults:
    """Counts the operations, and strikes at number `at` (from 1; 0 never)."""

    def __init__(self, at: int, strike: Callable[[], None], *, after: bool = False) -> None:
        self.count = 0
        self.seen: list[str] = []
        self._at, self._strike, self._after = at, strike, after

    def around(self, name: str, operation: Callable[..., object]) -> Callable[..., object]:
        """Return `operation` with the fault around it."""

        def struck(*given: object, **named: object) -> object:
            self.count += 1
            self.seen.append(name)
            is_it = self.count == self._at
            if is_it and not self._after:
                self._strike()
            result = operation(*given, **named)
            if is_it and self._after:
                self._strike()
            return result

        return struck


@contextmanager
def faults(at: int = 0, strike: str = "kill", *, after: bool = False) -> Iterator[Faults]:
    """Make the operation number `at` inside the block fail; with 0 only count."""
    found = Faults(at, STRIKES[strike], after=after)
    replaced = {name: found.around(name, getattr(disk, name)) for name in OPERATIONS}
    with mock.patch.multiple(disk, **replaced):
        yield found
