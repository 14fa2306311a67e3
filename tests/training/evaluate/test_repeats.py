"""Rows that say what the row for all pairs says."""

import polars as pl

from training.evaluate.repeats import without_repeats


def rows(*told):
    names = ["metric", "dimension", "source", "bin", "n"]
    return pl.DataFrame(told, schema=dict.fromkeys(names[:-1], pl.String) | {"n": pl.Int64}, orient="row")


def test_the_only_part_of_a_whole_is_dropped():
    told = rows(
        ("accuracy", "fun", None, None, 10),
        ("accuracy", "fun", "one", None, 10),
        ("accuracy", "fun", None, "equal", 4),
        ("accuracy", "fun", None, "to 2 times", 6),
        ("accuracy", None, None, None, 7),
        ("accuracy", None, None, "equal", 7),
        ("accuracy", "tone", None, None, 5),
        ("accuracy", "tone", "one", None, 2),
        ("accuracy", "tone", "two", None, 3),
        ("accuracy_untuned", "fun", None, None, 10),
    )
    assert without_repeats(told).rows() == [row for at, row in enumerate(told.rows()) if at not in (1, 5)]


def test_what_has_no_whole_stays():
    told = rows(("reliability", "fun", None, "0.0", 10), ("accuracy", "fun", "one", None, 10))
    assert without_repeats(told).equals(told)
