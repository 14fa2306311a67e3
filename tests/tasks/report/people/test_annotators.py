"""Planted careless and biased annotators stand out; those within chance do not."""

import polars as pl

from tasks.report.people.annotators import spread_of_agreement, standing_out

SHAPE = {"annotator_id": pl.String, "source": pl.String, "judgments": pl.Int64, "annotator_votes": pl.Int64,
         "annotator_agreement": pl.Float64, "annotator_tie_share": pl.Float64, "annotator_first_share": pl.Float64,
         "annotator_longer_share": pl.Float64}  # fmt: skip


def person(name, agreement=0.9, first=0.5, longer=0.6, votes=100, source="s"):
    return (name, source, votes, votes, agreement, 0.0, first, longer)


def people(*rows):
    return pl.DataFrame(rows, schema=SHAPE, orient="row")


USUAL = [person(f"usual-{at}", 0.88 + at / 500) for at in range(20)]


def test_planted_habits_stand_out():
    odd = [person("careless", agreement=0.5), person("first", first=0.95), person("short", longer=0.1)]
    told = standing_out(people(*USUAL, *odd))
    assert set(told.select("annotator_id", "habit").rows()) == {
        ("careless", "agrees"), ("first", "first"), ("short", "longer"),
    }  # fmt: skip
    assert told.filter(pl.col("annotator_id") == "short")["z"].item() < -3


def test_usual_people_do_not():
    assert standing_out(people(*USUAL)).is_empty()


def test_who_agrees_more_than_others_is_not_accused():
    told = standing_out(people(*USUAL, person("best", agreement=1.0, votes=5000)))
    assert told.filter(pl.col("annotator_id") == "best").is_empty()


def test_a_few_votes_are_chance():
    assert standing_out(people(*USUAL, person("new", agreement=0.7, first=0.8, votes=5))).is_empty()


def test_the_mean_is_that_of_the_source():
    files = [person(f"t{at}", first=1.0, source="t") for at in range(5)]
    assert standing_out(people(*USUAL, *files)).is_empty()


def test_everybody_with_enough_votes_is_in_one_bar():
    told = spread_of_agreement(people(person("a", 0.0), person("b", 0.35), person("c", 1.0), person("d", 0.6, votes=4)))
    assert told.filter(pl.col("people") > 0).select(pl.col("start").round(2), "people").rows() == [
        (0.0, 1),
        (0.35, 1),
        (0.95, 1),
    ]
