"""Batches: everything is worked on once and in order, whatever the memory is."""

import threading

import pytest
import torch

from schemas.errors import Terminal
from tasks.models.batches import spread


def worker(room, seen):
    """Double numbers; refuse more than `room` at a time as a GPU does."""

    def work(part):
        seen.append(len(part))
        if len(part) > room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [2 * each for each in part]

    return work


@pytest.mark.parametrize("room", [1, 2, 3, 5, 8, 100])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 50])
def test_nothing_is_lost_where_the_memory_is_short(room, count):
    seen = []
    assert spread(range(count), 8, [worker(room, seen)]) == [2 * each for each in range(count)]
    assert max(seen, default=0) <= 8


def test_a_batch_that_was_too_large_is_not_tried_again():
    seen = []
    spread(range(64), 16, [worker(4, seen)])
    assert seen == [16, 8] + [4] * 16


def test_what_does_not_fit_alone_is_told():
    with pytest.raises(Terminal, match=r"does not suffice for the model and a single item .*: free memory there"):
        spread(range(4), 4, [worker(0, [])])


def test_several_workers_share_the_work_and_the_order_stays():
    both = threading.Barrier(2, timeout=60)
    names = set()

    def work(part):
        if part[0] < 2:  # neither goes on before the other has begun
            names.add(threading.get_ident())
            both.wait()
        return list(part)

    assert spread(range(100), 1, [work, work]) == list(range(100))
    assert len(names) == 2


def test_a_worker_that_fails_is_heard():
    def fail(part):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        spread(range(9), 2, [fail, worker(9, [])])
