"""Sequences of bits that were planted in each other, with errors and shifts."""

import numpy as np
import pytest

from tasks.match.perceptual.sequences import Grid, similar_sequences
from tasks.signatures.sequence import Sequence

GRID = Grid(step=100, length=100)


def words(count, seed):
    return np.random.default_rng(seed).integers(0, 1 << 63, size=(count, 2), dtype=np.uint64)


def at(count, start=0):
    return start + 100 * np.arange(count)


def flipped(row, count, seed=0):
    bits = np.unpackbits(row.view(np.uint8), axis=1)
    rng = np.random.default_rng(seed)
    for each in bits:
        each[rng.choice(bits.shape[1], count, replace=False)] ^= 1
    return np.packbits(bits, axis=1).view(np.uint64)


def scores(*sequences, overlap=0.5):
    found = similar_sequences([Sequence(*each) for each in sequences], GRID, overlap)
    return {(a, b): score for a, b, score in found.iter_rows() if score > 0.5}


def test_the_score_is_the_cosine_of_the_share_of_different_bits():
    one = words(40, 1)
    found = scores((at(40), one), (at(40), flipped(one, 16)), (at(40), words(40, 2)))
    assert found == {(0, 1): pytest.approx(np.cos(np.pi * 16 / 128), abs=1e-6)}


@pytest.mark.parametrize(("start", "end", "is_found"), [(10, 40, True), (0, 20, True), (15, 35, True), (0, 18, False)])
def test_a_part_is_found_if_it_is_half_of_the_whole(start, end, is_found):
    one = words(40, 1)
    part = (at(end - start), one[start:end])
    assert scores((at(40), one), part) == ({(0, 1): 1.0} if is_found else {})
    assert scores(part, (at(40), one)) == ({(0, 1): 1.0} if is_found else {})


def test_times_between_the_steps_are_as_good():
    one = words(30, 3)
    assert scores((at(30), one), (at(25, start=40), flipped(one[5:], 8))) != {}


def test_the_same_moments_in_another_order_are_not_the_same():
    one = words(30, 4)
    assert scores((at(30), one), (at(30), one[::-1].copy())) == {}


def test_what_stands_still_is_compared_too():
    still = np.repeat(words(1, 5), 300, axis=0)
    found = scores((at(300), still), (at(280), still[:280]), (at(300), np.repeat(words(1, 6), 300, axis=0)))
    assert found == {(0, 1): 1.0}
