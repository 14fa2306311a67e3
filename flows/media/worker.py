"""One child process that decodes: started, asked, watched and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import tasks
from schemas.errors import Terminal
from tasks.media import wire
from tasks.media.child import NO_MEMORY
from tasks.media.decode.limits import Limits
from tasks.media.job import Answer, Job

# Importing libraries takes a second; on a machine that is very busy, many.
START_SECONDS = 120.0
# A child ends itself when its time is up. One that cannot is ended from here, a little later.
_GRACE_SECONDS = 5.0
_GARBLED = "broken: the decoder gave an answer that is none"
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Died(Exception):
    """Raised when a child ended, or had to be ended, in the middle of an answer; the message says it of the medium."""

    def __init__(self, said: str, *, is_late: bool = False) -> None:
        super().__init__(said)
        self.is_late = is_late


class Refused(Exception):
    """Raised when a child answered that a medium cannot be decoded; the message says why."""


class Worker:
    """A child process that does one kind of job, one medium at a time."""

    def __init__(self, job: Job, command: Sequence[str] | None = None) -> None:
        self.kind = kind_of(job)
        arguments = [job.address(), str(job.limits.memory)]
        self._process = subprocess.Popen(
            command or [sys.executable, "-P", "-m", "tasks.media.child", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        try:
            self._watched(job.limits, START_SECONDS, self._receive)
        except Died as error:
            self.close()
            raise Terminal(
                f"the child process that does {self.kind[0]} did not start: {error}; "
                f"`python -m tasks.media.child {self.kind[0]} {self.kind[1]}` shows why"
            ) from error

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def ask(self, job: Job, data: bytes) -> Answer:
        """Let the child do `job` on `data`. Raises `Refused` with its reason, or `Died` if it ended or was ended."""
        message = self._watched(job.limits, job.limits.wall + _GRACE_SECONDS, lambda: self._exchange(job, data))
        if "error" in message.header:
            raise Refused(str(message.header["error"]))
        try:
            return wire.to_answer(message)
        except wire.Garbled as error:
            raise Died(_GARBLED) from error

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in _pipes(self._process):
            with suppress(OSError):  # bytes that the child never took
                pipe.close()

    def _exchange(self, job: Job, data: bytes) -> wire.Message:
        stdin, _ = _pipes(self._process)
        wire.write(stdin, {"job": job.model_dump(mode="json")}, [data])
        return self._receive(job.limits.memory)

    def _receive(self, most: int = 0) -> wire.Message:
        message = wire.read(_pipes(self._process)[1], most)
        if message is None:
            raise EOFError
        return message

    def _watched(self, limits: Limits, seconds: float, talk: Callable[[], wire.Message]) -> wire.Message:
        """Talk to the child, and kill it if that takes longer than `seconds`."""
        late = threading.Event()
        watch = threading.Timer(seconds, self._kill, [late])
        watch.start()
        try:
            return talk()
        except wire.Garbled as error:
            self._process.kill()
            raise Died(_GARBLED) from error
        except (OSError, EOFError) as error:
            raise self._death(limits, is_late=late.is_set()) from error
        finally:
            watch.cancel()

    def _kill(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _death(self, limits: Limits, *, is_late: bool) -> Died:
        """Say of the medium what ended the child."""
        code = self._process.wait()
        if is_late or -code in (signal.SIGALRM, signal.SIGXCPU):
            return Died(f"too slow: it takes more than {limits.seconds:g} seconds to decode", is_late=True)
        if code == NO_MEMORY:
            return Died(f"too large: it takes more than {limits.memory:,} bytes of memory to decode")
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
        return Died(f"broken: it ended the decoder with {how}")


def kind_of(job: Job) -> tuple[str, int]:
    """Name what a child is started for: jobs of one kind may share a child."""
    return job.address(), job.limits.memory


def _pipes(process: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("the child was started without pipes")
    return cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)


def _environment() -> dict[str, str]:
    """One processor for each child, and the project found where this process found it."""
    root = str(Path(tasks.__path__[0]).parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    one = dict.fromkeys(_ONE_THREAD, "1")
    return os.environ | one | {"PYTHONPATH": os.pathsep.join(paths), "MALLOC_ARENA_MAX": "2"}
