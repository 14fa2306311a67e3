import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.match.candidates import candidates


def found(rows):
    frame = pl.DataFrame(rows, schema={"key": pl.String, "band_0": pl.UInt32, "band_1": pl.UInt32}, orient="row")
    return {frozenset(pair) for pair in candidates(frame.lazy()).rows()}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20))
def test_keys_that_agree_in_a_band_are_candidates_and_no_others(bands):
    rows = [(f"k{at}", *each) for at, each in enumerate(bands)]
    wanted = {
        frozenset((a[0], b[0])) for at, a in enumerate(rows) for b in rows[at + 1 :] if a[1] == b[1] or a[2] == b[2]
    }
    assert found(rows) == wanted


def test_a_key_of_two_shards_is_one_key():
    assert found([("k", 1, 2), ("k", 1, 2), ("l", 1, 3)]) == {frozenset("kl")}


def test_a_crowd_is_paired_with_its_neighbours_and_its_first():
    pairs = found([(f"{at:03d}", 7, at) for at in range(200)])
    assert {frozenset(("000", f"{at:03d}")) for at in range(1, 200)} <= pairs
    assert len(pairs) == sum(min(64, 199 - at) for at in range(200)) + 199 - 64
