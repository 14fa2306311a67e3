import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluate.accuracy import accuracy, average_precision, is_right


def test_right_wrong_and_undecided():
    frame = pl.DataFrame({"gap": [2.0, -0.1, 0.0]}).select(is_right(pl.col("gap")))
    assert frame["gap"].to_list() == [1.0, 0.0, 0.5]


def test_the_interval_of_independent_pairs_is_the_textbooks():
    random = np.random.default_rng(1)
    scores = pl.Series(random.binomial(1, 0.7, 4_000).astype(float))
    found = accuracy(scores, pl.Series(range(4_000)).cast(pl.String), seed=0)
    error = 1.96 * math.sqrt(0.7 * 0.3 / 4_000)
    assert found.value == scores.mean()
    assert found.high - found.value == pytest.approx(error, rel=0.1)
    assert found.value - found.low == pytest.approx(error, rel=0.1)


def test_pairs_that_belong_together_make_the_interval_wider():
    scores = pl.Series(np.repeat([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0], 100))
    apart = accuracy(scores, pl.Series(range(800)).cast(pl.String), seed=0)
    together = accuracy(scores, pl.Series(np.repeat(range(8), 100)).cast(pl.String), seed=0)
    assert together.value == apart.value
    assert together.high - together.low > 5 * (apart.high - apart.low)


def test_the_order_of_pairs_does_not_matter():
    frame = pl.DataFrame({"score": [1.0, 0.0, 1.0, 1.0], "group": ["a", "b", "c", "a"]})
    mixed = frame.sample(fraction=1.0, shuffle=True, seed=3)
    assert accuracy(frame["score"], frame["group"], 7) == accuracy(mixed["score"], mixed["group"], 7)


def test_one_group_has_no_interval_and_nothing_has_no_share():
    assert math.isnan(accuracy(pl.Series([1.0, 0.0]), pl.Series(["a", "a"]), 0).low)
    with pytest.raises(ValueError, match="no pairs"):
        accuracy(pl.Series([], dtype=pl.Float64), pl.Series([], dtype=pl.String), 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=30))
def test_average_precision_is_the_mean_precision_at_the_wanted_ones(rows):
    scores = np.array([float(score) for score, _ in rows])
    wanted = np.array([is_wanted for _, is_wanted in rows])
    at_each = [wanted[scores >= score].mean() for score, is_wanted in rows if is_wanted]
    found = average_precision(scores, wanted)
    if at_each:
        assert found == pytest.approx(np.mean(at_each))
    else:
        assert np.isnan(found)
