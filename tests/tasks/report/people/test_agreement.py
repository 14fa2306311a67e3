"""Who counts once, and what is a unit."""

import polars as pl
import pytest

from tasks.report.people.agreement import agreement_of_ratings, agreement_of_votes

VOTES = {"source": pl.String, "dimension": pl.String, "pair_key": pl.String, "annotator_id": pl.String,
         "votes_left": pl.Float64, "votes_right": pl.Float64, "votes_tie": pl.Float64, "votes_bad": pl.Float64}  # fmt: skip
RATINGS = {
    "source": pl.String,
    "dimension": pl.String,
    "unit": pl.String,
    "annotator_id": pl.String,
    "value": pl.Float64,
}
OUTCOMES = {"left": (1, 0, 0, 0), "right": (0, 1, 0, 0), "tie": (0, 0, 1, 0), "bad": (0, 0, 0, 1)}


def votes(*told, source="s"):
    rows = [(source, "overall", pair, who, *map(float, OUTCOMES[said])) for pair, who, said in told]
    return pl.DataFrame(rows, schema=VOTES, orient="row")


def only(told):
    (each,) = told.values()
    return each


def test_votes_without_names_are_different_people():
    told = only(
        agreement_of_votes(votes(("p", None, "left"), ("p", None, "left"), ("q", None, "right"), ("q", None, "right")))
    )
    assert (told.value, told.units, told.values) == (1.0, 2, 4)


def test_whoever_is_named_counts_once():
    once = votes(("p", "x", "left"), ("p", "y", "left"), ("q", "x", "right"), ("q", "y", "left"))
    often = pl.concat([once, once.filter(pl.col("annotator_id") == "x")])
    assert agreement_of_votes(often) == agreement_of_votes(once)
    alone = votes(("p", "x", "left"), ("p", "x", "left"))
    assert "one vote per pair" in only(agreement_of_votes(alone)).why


def test_who_says_both_calls_a_tie():
    both = votes(("p", "x", "left"), ("p", "x", "right"), ("p", "y", "tie"), ("q", "x", "left"), ("q", "y", "left"))
    assert only(agreement_of_votes(both)).value == 1.0


def test_a_row_that_sums_up_people_is_that_many_votes():
    row = pl.DataFrame([("s", "overall", "p", None, 3.0, 2.0, 0.0, 0.0)], schema=VOTES, orient="row")
    told = only(agreement_of_votes(row))
    assert (told.units, told.values) == (1, 5)
    # 2 · 3 · 2 of 5 · 4 ordered pairs of votes are unequal
    assert told.agreement == pytest.approx(1 - 12 / 20)


def test_sources_and_dimensions_stand_apart():
    both = pl.concat([votes(("p", "x", "left"), ("p", "y", "left")), votes(("p", "z", "right"), source="t")])
    told = agreement_of_votes(both)
    assert list(told) == [("s", "overall"), ("t", "overall")]
    assert told["t", "overall"].units == 0


def ratings(*told):
    return pl.DataFrame(
        [("s", "fun", unit, who, float(value)) for unit, who, value in told], schema=RATINGS, orient="row"
    )


def test_a_near_miss_counts_less_than_a_far_one():
    near = ratings(("a", "x", 1), ("a", "y", 2), ("b", "x", 5), ("b", "y", 5), ("c", "x", 3), ("c", "y", 3))
    far = ratings(("a", "x", 1), ("a", "y", 5), ("b", "x", 5), ("b", "y", 5), ("c", "x", 3), ("c", "y", 3))
    assert only(agreement_of_ratings(near)).value > only(agreement_of_ratings(far)).value
    assert only(agreement_of_ratings(near)).metric == "ordinal"


def test_many_grades_are_an_interval():
    slider = ratings(*[(str(at), who, at * 7 + at * (who == "y")) for at in range(9) for who in "xy"])
    told = only(agreement_of_ratings(slider))
    assert told.metric == "interval"
    assert told.value > 0.9


def test_a_person_who_rates_twice_rates_by_the_mean():
    twice = ratings(("a", "x", 1), ("a", "x", 3), ("a", "y", 2), ("b", "x", 4), ("b", "y", 4))
    assert only(agreement_of_ratings(twice)).value == 1.0
