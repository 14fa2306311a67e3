"""Bad media cost only themselves: bombs, lies and damage, decoded as a run decodes them."""

import random
import re

import psutil
import pytest

from flows.media.pool import Pool
from tasks.media.decode.limits import Limits
from tasks.media.jobs import Frames
from tasks.media.look import Look
from tests.hostile import TIMES
from tests.hostile.bombs import BOMBS, WHOLE
from tests.tasks.media.made import corners, picture

pytestmark = pytest.mark.hostile

LIMITS = Limits()
# Damaged media of each format: in all a thousand in small numbers, twenty thousand in large ones.
TURNS = 60 * min(TIMES, 20)
WAYS_TO_FAIL = r"(empty|broken|truncated|too large|too long|too slow|not a medium|not a format that is decoded): ."


@pytest.fixture(scope="module")
def pool():
    with Pool(2) as pool:
        yield pool


def outcomes(pool, folder, contents, job):
    """What became of each medium; a good one comes after every bad one, and must be none the worse for it."""
    (folder / "good").write_bytes(picture(corners()))
    items = []
    for name, data in contents:
        (folder / str(len(items))).write_bytes(data)
        items += [(name, folder / str(len(items))), ("good", folder / "good")]
    for seen in pool.run(job, items):
        if seen.media_id == "good":
            assert (seen.error, seen.facts["error"], seen.facts["width"]) == (None, None, 60)
        else:
            yield seen


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_named_and_does_no_harm(pool, tmp_path, name):
    make, said = BOMBS[name]
    (seen,) = outcomes(pool, tmp_path, [(name, make())], Look(limits=LIMITS))
    error = seen.error or seen.facts["error"]
    if said is None:
        assert error is None
        assert seen.facts["modality"] is not None
    else:
        assert error is not None
        assert re.search(said, error)
        assert re.match(WAYS_TO_FAIL, error)
        # It is refused by a limit of the decoding itself, not by the last wall around it.
        assert not re.search("ended the decoder|seconds to decode|memory to decode", error)


def mutated(whole, chance):
    """Cut a file, change 1 to 40 of its bytes, repeat a part of it, or set a run of its bytes to one value."""
    data = bytearray(whole)
    for _ in range(chance.choice([1, 1, 2, 5, 40])):
        data[chance.randrange(len(data))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
    start, length = chance.randrange(len(data)), chance.choice([4, 8, 64])
    match chance.randrange(5):
        case 0:
            del data[start:]
        case 1:
            data[start:start] = data[start : start + length] * chance.choice([1, 10])
        case 2:
            data[start : start + length] = bytes([chance.choice([0, 0x7F, 0xFF])]) * len(data[start : start + length])
    return bytes(data)


@pytest.mark.parametrize("form", WHOLE)
def test_damage_costs_only_the_medium(pool, tmp_path, form):
    whole, chance = WHOLE[form](), random.Random(form)
    contents = [(f"{form} {turn}", mutated(whole, chance)) for turn in range(TURNS)]
    for seen in outcomes(pool, tmp_path, contents, Look(limits=LIMITS)):
        error = seen.error or seen.facts["error"]
        assert error is None or re.match(WAYS_TO_FAIL, error), f"{seen.media_id}: {error}"
        if error is None:
            assert seen.facts["modality"] is not None


def test_children_stay_within_their_memory(tmp_path):
    """The heaviest media that are allowed, one after the other, in a child that keeps living."""
    largest = picture(corners(8000, 5000), compress_level=1)
    (tmp_path / "a").write_bytes(largest)
    others = set(psutil.Process().children())
    with Pool(1) as pool:
        for _ in range(3):
            (seen,) = pool.run(Look(limits=LIMITS), [("a", tmp_path / "a")])
            assert (seen.error, seen.facts["width"]) == (None, 8000)
        (child,) = set(psutil.Process().children()) - others
        assert child.memory_info().rss < 1 << 30
        (seen,) = pool.run(Frames(limits=LIMITS, frames=1), [("a", tmp_path / "a")])
        assert seen.arrays["frames"].shape == (1, 5000, 8000, 3)
