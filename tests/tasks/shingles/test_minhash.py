import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.shingles.minhash import bands, rows_of_a_band, signatures, union
from tasks.shingles.tokens import Shingles, shingles


def sets(*members):
    counts = np.array([len(each) for each in members])
    hashes = np.concatenate([np.array([*each], np.uint64) for each in members]) * np.uint64(0x9E3779B97F4A7C15)
    return Shingles(hashes, np.concatenate([[0], np.cumsum(counts)]))


@pytest.mark.parametrize(("threshold", "rows"), [(0.5, 2), (0.7, 4), (0.8, 5), (0.9, 9)])
def test_bands_have_as_many_rows_as_still_show_a_pair_at_the_threshold(threshold, rows):
    assert rows_of_a_band(threshold) == rows
    sure = 1 - (1 - threshold**rows) ** (125 // rows)
    surer = 1 - (1 - threshold ** (rows + 1)) ** (125 // (rows + 1))
    assert sure >= 0.998 > surer


@pytest.mark.parametrize("similarity", [0.2, 0.5, 0.8, 0.9])
@pytest.mark.parametrize("size", [20, 200, 3000])
def test_equal_places_estimate_the_similarity(similarity, size):
    rng = np.random.default_rng(5)
    common = round(2 * size * similarity / (1 + similarity))
    pairs = []
    for _ in range(40):
        drawn = rng.choice(2**60, 2 * size - common, replace=False)
        pairs += [drawn[:size], drawn[size - common :]]
    signed = signatures(sets(*pairs))
    estimate = (signed[::2] == signed[1::2]).mean()
    truth = common / (2 * size - common)
    # 40 signatures of 125 places: three standard deviations, and what chance agreements of 16 bits add.
    assert abs(estimate - truth) < 3 * np.sqrt(truth * (1 - truth) / 5000) + 2 * size / 65536


@given(st.lists(st.sets(st.integers(0, 2**62), min_size=1, max_size=60), min_size=1, max_size=6))
def test_the_signature_of_a_union_is_the_union_of_signatures(members):
    everything = set().union(*members)
    parts = [signatures(sets(each)) for each in members]
    assert (union(*parts) == signatures(sets(everything))).all()


@given(st.permutations([{1}, {2, 3}, set(range(50)), set(range(4000))]))
def test_a_signature_does_not_depend_on_what_is_signed_beside_it(members):
    signed = signatures(sets(*members))
    for row, each in zip(signed, members, strict=True):
        assert (row == signatures(sets(each))[0]).all()


def test_a_text_without_shingles_has_the_largest_value_everywhere():
    signed = signatures(shingles(pl.Series(["", "one two"]), 2))
    assert (signed[0] == 65535).all()
    assert (signed[1] != 65535).any()


def test_bands_agree_exactly_where_their_places_do():
    signed = signatures(sets({1, 2, 3}, {1, 2, 3, 4}))
    rows = rows_of_a_band(0.5)
    places = signed[:, : 125 // rows * rows].reshape(2, -1, rows)
    hashed = bands(signed, rows)
    assert ((places[0] == places[1]).all(axis=1) == (hashed[:, 0] == hashed[:, 1])).all()
