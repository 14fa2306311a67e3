"""Child processes that read tables: started once, lent out, and replaced when they die."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from warehouse.intake.tables import child

MEMORY_BYTES = 4 << 30
STEP_SECONDS = 60.0
_QUIET = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}

_idle: list[Worker] = []
_idle_lock = threading.Lock()


class Died(Exception):
    """Raised when the child ended in the middle of an answer."""


class Message(NamedTuple):
    """One answer of the child: what its header says, and the rows it carries."""

    header: dict[str, Any]
    payload: bytes


class Worker:
    """A child process that answers one request at a time."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        limits = [str(MEMORY_BYTES), str(STEP_SECONDS)]
        self._process = subprocess.Popen(
            command or [sys.executable, "-P", str(Path(child.__file__)), *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _QUIET,
        )
        self.is_free = True

    def ask(self, **request: Any) -> Iterator[Message]:
        """Send a request and give the answers as they come. Raises `Died` if the child ends before its last one."""
        self.is_free = False
        stdin, stdout = _pipes(self._process)
        try:
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
        except OSError as error:
            raise Died(self._last_words()) from error
        while (message := self._message(stdout)).header["kind"] != "end":
            yield message
        self.is_free = True

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in _pipes(self._process):
            pipe.close()

    def _message(self, stdout: IO[bytes]) -> Message:
        lengths = stdout.read(child.LENGTHS.size)
        if len(lengths) < child.LENGTHS.size:
            raise Died(self._last_words())
        header, payload = child.LENGTHS.unpack(lengths)
        said, carried = stdout.read(header), stdout.read(payload)
        if len(carried) < payload:
            raise Died(self._last_words())
        return Message(json.loads(said), carried)

    def _last_words(self) -> str:
        code = self._process.wait()
        return f"reading it ended the reader with signal {-code}" if code < 0 else f"the reader ended with code {code}"


@contextmanager
def borrowed() -> Iterator[Worker]:
    """Lend a child that nobody else uses; one that died, or was left in the middle of an answer, is not lent again."""
    with _idle_lock:
        worker = _idle.pop() if _idle else None
    worker = worker or Worker()
    try:
        yield worker
    finally:
        if worker.is_free:
            with _idle_lock:
                _idle.append(worker)
        else:
            worker.close()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("the child was started without pipes")
    return process.stdin, process.stdout


@atexit.register
def _close_all() -> None:
    while _idle:
        _idle.pop().close()
