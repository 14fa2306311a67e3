"""A planted position bias is found; votes on one row count once; ties are counted."""

import polars as pl
import pytest

from tasks.report.bias.position import position_bias
from tasks.report.bias.ties import ties

SHAPE = {"source": pl.String, "dimension": pl.String, "pair_id": pl.String, "votes_left": pl.Float64,
         "votes_right": pl.Float64, "votes_tie": pl.Float64, "votes_bad": pl.Float64, "first_is_left": pl.Boolean}  # fmt: skip


def frame(rows):
    return pl.DataFrame(rows, schema=SHAPE, orient="row")


def vote(row, *, first, first_is_left=True, source="s"):
    left = first == first_is_left
    return (source, "overall", str(row), float(left), float(not left), 0.0, 0.0, first_is_left)


def test_the_planted_bias_is_found_whichever_side_is_left():
    rows = [vote(at, first=at < 80, first_is_left=at % 2 == 0) for at in range(100)]
    rows += [vote(f"t{at}", first=at < 50, source="t") for at in range(100)]
    told = position_bias(frame(rows).sample(fraction=1.0, shuffle=True, seed=1))
    assert told.select("source", "rows", "first", "share").rows() == [("s", 100, 80, 0.8), ("t", 100, 50, 0.5)]
    # R: binom.test(80, 100)$p.value
    assert 10 ** told["log10_p"][0] == pytest.approx(1.115909e-09, rel=1e-5)
    assert told["log10_p"][1] == 0.0


def test_many_votes_on_one_row_are_one_observation():
    rows = [vote("one", first=True)] * 30 + [vote("one", first=False)] * 10
    even = [vote("even", first=True), vote("even", first=False)]
    assert position_bias(frame(rows + even)).select("rows", "first").rows() == [(1, 1)]


def test_rows_without_an_order_say_nothing():
    rows = [("s", "overall", "x", 1.0, 0.0, 0.0, 0.0, None)]
    assert position_bias(frame(rows)).is_empty()


def test_ties_are_shares_of_votes():
    rows = [
        ("s", "overall", "x", 2.0, 1.0, 1.0, 0.0, True),
        ("s", "overall", "y", 0.0, 0.0, 0.0, 4.0, True),
        ("s", "safety", "z", 1.0, 0.0, 0.0, 0.0, True),
    ]
    assert ties(frame(rows)).rows() == [("s", "overall", 8, 1, 4, 0.125), ("s", "safety", 1, 0, 0, 0.0)]
