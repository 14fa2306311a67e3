"""Work in processes of its own: what Python does row by row keeps one processor busy, however many threads there are.

The processes are spawned, never forked (delta-rs and polars do not survive a fork), live until this one ends, and end
with it even if it is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from multiprocessing import connection

from flows.run.steps import Chain, Work
from warehouse.home import Home
from warehouse.store import Store

# Starting a process takes about as long as ingesting so much.
WORTH_BYTES = 4 << 20


def worth_a_process(work: Sequence[Work]) -> list[Work]:
    """Return the pieces of `work` that are done faster side by side, each in another process."""
    large: list[Work] = [each for each in work if isinstance(each, Chain) and each.bytes >= WORTH_BYTES]
    return large if len(large) > 1 else []


def begin(work: Sequence[Work], home: str) -> None:
    """Start doing `work` in other processes, ahead of whoever is going to ask for it."""
    for each in work:
        _begun[each.key] = _processes().submit(_perform, each, home)


def perform_apart(work: Work, home: str) -> str:
    """Do one piece of work in another process, or wait for it if it was begun, and return the key of its result."""
    begun = _begun.pop(work.key, None) or _processes().submit(_perform, work, home)
    return begun.result()


_begun: dict[str, Future[str]] = {}


@cache
def _processes() -> ProcessPoolExecutor:
    # Several processes that each use every processor would only get into each other's way.
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    return ProcessPoolExecutor(
        max_workers=os.cpu_count() or 2,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_end_with_parent,
    )


def _perform(work: Work, home: str) -> str:
    return work.perform(Store(Home.at(home))).key


def _end_with_parent() -> None:
    """Watch the parent: a killed parent cannot tell its children to end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_for, args=(parent.sentinel,), daemon=True).start()


def _wait_for(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
