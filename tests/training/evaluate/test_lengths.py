import math

import polars as pl
import pytest

from training.evaluate.lengths import length_bin, length_correlation, length_gap, longer_wins


def pairs(*lengths):
    return pl.DataFrame(lengths, schema={"chosen_length": pl.UInt32, "rejected_length": pl.UInt32}, orient="row")


@pytest.mark.parametrize(
    ("lengths", "sign"), [([(9, 1), (8, 2), (1, 2)], 1.0), ([(1, 9), (2, 3)], -1.0), ([(1, 2), (2, 1)], 0.0), ([], 0.0)]
)
def test_which_length_wins(lengths, sign):
    assert longer_wins(pairs(*lengths)) == sign


def test_gaps_and_bins():
    frame = pairs((5, 5), (10, 9), (9, 5), (20, 6), (1, 30), (0, 0))
    assert frame.select(length_gap())["chosen_length"].to_list() == [0.0, 1.0, 4.0, 14.0, -29.0, 0.0]
    found = frame.select(bin=length_bin())["bin"].to_list()
    assert found == ["equal", "to 1.25 times", "to 2 times", "to 4 times", "over 4 times", "equal"]


def test_rank_correlation():
    assert length_correlation(pl.Series([1.0, 2.0, 9.0]), pl.Series([3, 4, 5])) == pytest.approx(1.0)
    assert length_correlation(pl.Series([3.0, 2.0, 1.0]), pl.Series([3, 4, 5])) == pytest.approx(-1.0)
    assert math.isnan(length_correlation(pl.Series([1.0, 1.0]), pl.Series([3, 4])))
