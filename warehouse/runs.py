"""One run at a time per home, and a record of every run."""

from __future__ import annotations

import fcntl
import logging
import os
import shlex
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from pydantic import ValidationError

from schemas.errors import Terminal
from schemas.stage import Settings
from warehouse import disk
from warehouse.home import Home

_log = logging.getLogger(__name__)


class Holder(Settings):
    """Who holds a home."""

    pid: int
    host: str
    since: datetime
    command: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since:%Y-%m-%d %H:%M:%S} UTC ({self.command})"


class Run(Settings):
    """What is known of a run. A run that neither ended nor lives has the state `dead`.

    `is_announced` says that everybody who wants to hear of its snapshot was told.
    """

    run_id: str
    started_at: datetime
    ended_at: datetime | None = None
    state: str = "running"
    snapshot: int | None = None
    plan: str
    message: str | None = None
    is_announced: bool = False
    pid: int
    host: str
    born: float


class _Held(threading.local):
    """How often this thread has entered the lock of each home."""

    def __init__(self) -> None:
        self.times: Counter[Path] = Counter()


class Lock:
    """The right to change a home: held by one process at a time, freed by the kernel when that process dies.

    Entering waits; `waiting` is told once who holds it. The thread that holds it may enter again. Readers never need
    it.
    """

    _held: ClassVar = _Held()

    def __init__(self, home: Home, waiting: Callable[[str], None] = _log.warning) -> None:
        self._home = home
        self._waiting = waiting
        self._descriptor = -1

    def __enter__(self) -> Self:
        if self._held.times[self._home.path]:
            self._held.times[self._home.path] += 1
            return self
        self._descriptor = os.open(self._home.lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            self._take()
            self._sign()
        except BaseException:
            os.close(self._descriptor)
            raise
        self._held.times[self._home.path] = 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.times[self._home.path] -= 1
        # Within one thread the outermost entry is left last, and it is the one with the descriptor.
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)

    def _take(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._waiting(f"{self._home.path} is held by {holder(self._home) or 'another process'}; waiting for it")
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except OSError as error:
            raise Terminal(
                f"{self._home.lock} cannot be locked ({error.strerror}): use a home on a file system with locks"
            ) from error

    def _sign(self) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        me = Holder(pid=os.getpid(), host=socket.gethostname(), since=now, command=shlex.join(sys.argv)[:200])
        try:
            os.ftruncate(self._descriptor, 0)
            disk.write(self._descriptor, me.model_dump_json().encode())
        except OSError as error:
            raise disk.cannot_write(self._home.lock, error) from error


def holder(home: Home) -> Holder | None:
    """Return who says to hold `home`; after a crash that may be a dead process."""
    try:
        return Holder.model_validate_json(home.lock.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def start_run(home: Home, run_id: str, plan: str) -> Run:
    """Record that this process starts the run `run_id` of the plan named `plan`."""
    run = Run(
        run_id=run_id,
        started_at=datetime.now(UTC),
        plan=plan,
        pid=os.getpid(),
        host=socket.gethostname(),
        born=_born(os.getpid()) or 0.0,
    )
    _keep(home, run)
    return run


def end_run(home: Home, run_id: str, state: str, snapshot: int | None = None, message: str | None = None) -> Run:
    """Record how a started run ended. Raises Terminal if it was never started."""
    told = {"ended_at": datetime.now(UTC), "state": state, "snapshot": snapshot, "message": message}
    return _change(home, run_id, told)


def is_announced(home: Home, run_id: str) -> bool:
    """Tell whether nobody is left to be told of a run's snapshot; nobody waits for one whose record is gone."""
    run = _read(home, run_id)
    return run is None or run.is_announced


def mark_announced(home: Home, run_id: str) -> Run:
    """Record that the snapshot of a run was announced. Raises Terminal if there is no record of the run."""
    return _change(home, run_id, {"is_announced": True})


def list_runs(home: Home) -> list[Run]:
    """Return all recorded runs, oldest first."""
    found = [Run.model_validate_json(record.read_bytes()) for record in home.runs.glob("*.json")]
    known = [run if run.ended_at or _is_alive(home, run) else run.model_copy(update={"state": "dead"}) for run in found]
    return sorted(known, key=lambda run: (run.started_at, run.run_id))


def end_dead_runs(home: Home) -> list[Run]:
    """Record that runs whose process died are over; return them."""
    dead = [run for run in list_runs(home) if run.state == "dead" and run.ended_at is None]
    for run in dead:
        told = {"ended_at": datetime.now(UTC), "message": run.message or "its process died"}
        _keep(home, run.model_copy(update=told))
    return dead


def _change(home: Home, run_id: str, told: dict[str, Any]) -> Run:
    known = _read(home, run_id)
    if known is None:
        raise Terminal(f"{home.path} has no record of run {run_id}")
    run = known.model_copy(update=told)
    _keep(home, run)
    return run


def _read(home: Home, run_id: str) -> Run | None:
    try:
        return Run.model_validate_json(_record(home, run_id).read_bytes())
    except FileNotFoundError:
        return None


def _keep(home: Home, run: Run) -> None:
    disk.write_bytes(_record(home, run.run_id), home.aside, run.model_dump_json().encode())


def _record(home: Home, run_id: str) -> Path:
    return home.runs / f"{run_id}.json"


def _is_alive(home: Home, run: Run) -> bool:
    if run.host == socket.gethostname():
        return _born(run.pid) == run.born
    # Another machine's processes cannot be seen; a run that no longer signs the lock is over.
    signed = holder(home)
    return signed is not None and (signed.pid, signed.host) == (run.pid, run.host)


def _born(pid: int) -> float | None:
    """Return when a process was started, which tells it from a later one with the same number."""
    import psutil

    try:
        process = psutil.Process(pid)
        # A dead process keeps its number until its parent asks for it, which in a container may be never.
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.NoSuchProcess:
        return None
