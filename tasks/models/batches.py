"""Batches through models: one model at a time, one worker a GPU, and half a batch where a whole one is too much."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final, TypeVar

from schemas.errors import Terminal

T = TypeVar("T")
R = TypeVar("R")
# One model computes on all cores; a second caller would only slow it down.
TURN: Final = Lock()


def devices() -> list[str]:
    """Name every GPU, or the CPU if there is none."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return [f"cuda:{number}" for number in range(count)] or ["cpu"]


def spread(items: Sequence[T], batch: int, workers: Sequence[Callable[[Sequence[T]], Sequence[R]]]) -> list[R]:
    """Give `items` to `workers`, `batch` at a time, and return what they make of each, in order.

    A worker that has not the memory for a batch gets halves from then on; nothing is left out. Raises Terminal if
    the memory does not even suffice for a single item.
    """
    parts = deque((start, min(start + batch, len(items))) for start in range(0, len(items), batch))
    done: dict[int, Sequence[R]] = {}
    if len(workers) == 1:
        _drain(workers[0], items, parts, done)
    else:
        with ThreadPoolExecutor(len(workers)) as pool:
            for finished in [pool.submit(_drain, worker, items, parts, done) for worker in workers]:
                finished.result()
    return [result for _, results in sorted(done.items()) for result in results]


def _drain(
    work: Callable[[Sequence[T]], Sequence[R]],
    items: Sequence[T],
    parts: deque[tuple[int, int]],
    done: dict[int, Sequence[R]],
) -> None:
    """Work until nothing is left. What several workers share is changed by single, atomic operations only."""
    most = len(items)
    while True:
        try:
            start, stop = parts.popleft()
        except IndexError:
            return
        while start < stop:
            end = min(start + most, stop)
            results = _attempt(work, items[start:end])
            if results is None:
                most = (end - start) // 2
                continue
            done[start] = results
            start = end


def _attempt(work: Callable[[Sequence[T]], Sequence[R]], part: Sequence[T]) -> Sequence[R] | None:
    """Work on `part`; return nothing if the memory did not suffice but may for half of it."""
    import torch

    try:
        return work(part)
    except torch.OutOfMemoryError as error:
        if len(part) == 1:
            raise Terminal(
                f"the memory of the GPU does not suffice for the model and a single item ({error}): "
                "free memory there, or take a smaller model"
            ) from error
    torch.cuda.empty_cache()
    return None
