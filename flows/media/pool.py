"""A pool of child processes that decode media, ahead of whoever needs them, and in order.

with Pool(workers=2) as pool:
    for seen in pool.run(Look(limits=limits), [(media_id, path), ...]):
        seen.error or seen.facts, seen.arrays
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from flows.media.worker import Died, Refused, Worker, kind_of
from schemas.errors import Terminal
from tasks.media.decode import Undecodable
from tasks.media.job import Answer, Arrays, Job

Item = tuple[str, Path]


class Seen(NamedTuple):
    """What became of one medium: facts and arrays, or one sentence that says why there are none."""

    media_id: str
    facts: Mapping[str, Any]
    arrays: Arrays
    error: str | None


class Pool:
    """Up to `workers` children that decode, started when they are needed and kept until the pool is closed.

    A child that dies, hangs or answers nonsense costs only the medium it had: that one is tried once more, alone in a
    fresh child, so that what an earlier medium or another program did is not held against it; if it does so again, it
    is the medium. One that takes too long is not tried again. No child outlives this process, even if it is killed.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 2
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="media")
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def run(self, job: Job, items: Iterable[Item], ahead: int | None = None) -> Iterator[Seen]:
        """Do `job` on each item, an id and the path of its bytes, and yield the outcomes in the order of the items.

        At most `ahead` media (default: twice the workers) are read, decoded or waiting to be taken at any time, so
        memory does not grow with their number. Raises `Terminal` if the bytes of one cannot be read.
        """
        begun: deque[Future[Seen]] = deque()
        try:
            for media_id, path in items:
                begun.append(self._threads.submit(self._see, job, media_id, path))
                if len(begun) >= (ahead or 2 * self.workers):
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()

    def close(self) -> None:
        """End all children; what is being decoded is let finish."""
        with self._lock:
            self._is_closed = True
        self._threads.shutdown(cancel_futures=True)
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _see(self, job: Job, media_id: str, path: Path) -> Seen:
        try:
            answer = self._answer(job, _read(media_id, path, job))
        except (Undecodable, Refused, Died) as error:
            return Seen(media_id, {}, {}, str(error))
        return Seen(media_id, answer.facts, answer.arrays, None)

    def _answer(self, job: Job, data: bytes) -> Answer:
        try:
            return self._ask(self._borrow(job), job, data)
        except Died as error:
            if error.is_late:
                raise
        return self._ask(Worker(job), job, data)

    def _ask(self, worker: Worker, job: Job, data: bytes) -> Answer:
        try:
            answer = worker.ask(job, data)
        except Refused:
            self._give_back(worker)
            raise
        except BaseException:
            worker.close()
            raise
        self._give_back(worker)
        return answer

    def _borrow(self, job: Job) -> Worker:
        """Lend an idle child of this kind, or start one in the place of an idle one of another kind."""
        with self._lock:
            ours = [worker for worker in self._idle if worker.kind == kind_of(job)]
            others = [] if ours else self._idle[-1:]
            for each in ours[-1:] + others:
                self._idle.remove(each)
        for each in others:
            each.close()
        return ours[-1] if ours else Worker(job)

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(worker)
                return
        worker.close()


def _read(media_id: str, path: Path, job: Job) -> bytes:
    """Read the bytes of a medium, unless they are too many to be decoded anyway."""
    try:
        job.limits.check_bytes(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise Terminal(
            f"the bytes of medium {media_id} cannot be read from {path}: {error.strerror}; "
            "restore the file, or run again so that it is fetched anew"
        ) from error
