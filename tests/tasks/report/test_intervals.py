"""Wilson's interval and the exact test, against numbers that are known otherwise."""

import math
from fractions import Fraction

import polars as pl
import pytest

from tasks.report.intervals import coin_test, with_wilson


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(hits, trials, low, high):
    told = with_wilson(pl.DataFrame({"k": [hits], "n": [trials]}), "k", "n")
    assert told.select(pl.col("low", "high").round(4)).row(0) == (low, high)
    assert told["share"].item() == pytest.approx(hits / trials)


def test_no_trials_have_no_share():
    told = with_wilson(pl.DataFrame({"k": [0], "n": [0]}), "k", "n")
    assert told.select("share", "low", "high").row(0) == (None, None, None)


@pytest.mark.parametrize("trials", [1, 2, 3, 10, 37])
def test_the_coin_test_is_exact(trials):
    for hits in range(trials + 1):
        seen = math.comb(trials, hits)
        p = Fraction(sum(c for k in range(trials + 1) if (c := math.comb(trials, k)) <= seen), 2**trials)
        assert 10 ** coin_test(hits, trials) == pytest.approx(float(p))


def test_the_coin_test_holds_where_a_float_does_not():
    # 2 · 2^-n for n heads in n throws
    assert coin_test(100_000, 100_000) == pytest.approx((1 - 100_000) * math.log10(2))
    assert coin_test(0, 0) == 0.0
