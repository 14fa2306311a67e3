"""Looking things up by equal bits against comparing all with all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.match.perceptual.lookup import Shelf, bands, spread

VALUES = st.lists(st.integers(0, 7), max_size=30).map(lambda values: np.array(values, np.int64))


@given(VALUES, VALUES, st.integers(1, 40))
def test_the_first_things_with_the_same_value_are_found(values, asked, crowd):
    asking, there = Shelf.of(values, 8).same(asked, crowd)
    expected = [(i, int(j)) for i, value in enumerate(asked) for j in np.flatnonzero(values == value)[:crowd]]
    assert list(zip(asking.tolist(), there.tolist(), strict=True)) == expected


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 5)), max_size=10))
def test_spread_counts_up(runs):
    starts, counts = (np.array([run[at] for run in runs], np.int64) for at in (0, 1))
    assert spread(starts, counts).tolist() == [start + up for start, count in runs for up in range(count)]


def test_bands_are_numbers_of_consecutive_bits():
    rows = np.array([[1, 0, 0, 1, 1, 0, 1], [0, 1, 1, 0, 0, 0, 1]], np.bool_)
    assert bands(rows, 3).tolist() == [[1, 6], [3, 0]]
