"""The child process that decodes media: what kills a decoder, or makes it hang, ends only this process.

`python -m tasks.media.child ADDRESS MEMORY` imports the job at ADDRESS, limits itself to MEMORY bytes beyond what that
took, says that it is ready, and answers requests on standard input until it ends: settings of the job and the bytes of
one medium in, facts and arrays out. It opens no file, writes none, and uses one processor.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import resource
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from tasks.media import wire
from tasks.media.decode import Undecodable
from tasks.media.decode.limits import Limits
from tasks.media.job import Job

# How the parent can tell that memory ran out.
NO_MEMORY = 17
_NO_BOUND = 1 << 62


def main(address: str, memory: int) -> None:
    """Answer requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    answers = _own_output()
    module, _, name = address.partition(":")
    job_class: type[Job] = getattr(importlib.import_module(module), name)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit(memory)
    wire.write(answers, {"ready": True})
    while (request := wire.read(sys.stdin.buffer, _NO_BOUND)) is not None:
        job = job_class.model_validate(request.header["job"])
        _answer(job, bytes(request.payload), answers)


def _answer(job: Job, data: bytes, answers: BinaryIO) -> None:
    try:
        with _timed(job.limits):
            answer = job(data)
        wire.write_answer(answers, answer)
    except Undecodable as error:
        wire.write(answers, {"error": str(error)})
    except MemoryError:
        # What is left of a failed decoding would count against the media that follow.
        os._exit(NO_MEMORY)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            os._exit(0)
        wire.write(answers, {"error": _said(error)})
    except Exception as error:  # whatever a foreign file provokes is a finding about the file
        wire.write(answers, {"error": _said(error)})


def _said(error: Exception) -> str:
    return f"broken: {type(error).__name__}: {str(error).strip().partition(chr(10))[0][:300]}"


def _own_output() -> BinaryIO:
    """Keep standard output for answers alone: what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    return answers


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # not every system lets a process limit its memory
        most = _memory_used() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _memory_used() -> int:
    """The address space that the libraries have taken."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


@contextlib.contextmanager
def _timed(limits: Limits) -> Iterator[None]:
    """Let the system end this process when a medium takes longer than it may, even inside a decoder."""
    used = math.ceil(time.process_time() + limits.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, limits.wall)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end_with_parent() -> None:
    """Wait until nobody holds the other end of standard input: a killed parent cannot tell its children to end."""
    waiting = select.poll()
    waiting.register(0, 0)
    waiting.poll()
    os._exit(0)


def _run() -> NoReturn:
    main(sys.argv[1], int(sys.argv[2]))
    sys.exit(0)


if __name__ == "__main__":
    _run()
