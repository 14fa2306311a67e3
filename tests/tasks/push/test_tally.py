"""What is counted of pairs on their way out."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.push.tally import add_up, tally

ROW = {
    "dimension": "overall", "source": "one", "split": "train", "license": "MIT", "language": None, "tie": False,
    "n_votes": 1, "agreement": 1.0, "chosen": "long answer", "rejected": "short", "chosen_index": 0,
    "rejected_index": 1, "commercial_ok": True,
}  # fmt: skip
KINDS = {
    "language": pl.String,
    "license": pl.String,
    "agreement": pl.Float64,
    "chosen_index": pl.Int64,
    "commercial_ok": pl.Boolean,
}


def batch(*rows):
    return pl.DataFrame([ROW | row for row in rows], schema_overrides=KINDS)


@pytest.mark.parametrize(
    ("row", "counted"),
    [
        ({}, {"pairs": 1, "longer_wins": 1, "length_differs": 1, "first_wins": 1, "place_differs": 1, "commercial": 1}),
        ({"rejected": "a longer answer"}, {"longer_wins": 0, "length_differs": 1}),
        ({"rejected": "same length"}, {"longer_wins": 0, "length_differs": 0}),
        ({"chosen_index": 1, "rejected_index": 0}, {"first_wins": 0, "place_differs": 1}),
        ({"chosen_index": None}, {"first_wins": 0, "place_differs": 0}),
        ({"tie": True}, {"ties": 1, "longer_wins": 0, "length_differs": 0, "first_wins": 0, "place_differs": 0}),
        ({"n_votes": 1, "agreement": 1.0}, {"several_votes": 0, "agreement_sum": 0.0}),
        ({"n_votes": 4, "agreement": 0.75}, {"several_votes": 1, "agreement_sum": 0.75}),
        ({"n_votes": 4, "agreement": None}, {"several_votes": 0, "agreement_sum": 0.0}),
        ({"commercial_ok": None}, {"commercial": 0}),
        ({"commercial_ok": False}, {"commercial": 0}),
    ],
)
def test_each_thing_is_counted_where_it_is_so(row, counted):
    found = tally(batch(row)).row(0, named=True)
    assert {name: found[name] for name in counted} == counted


@given(
    st.lists(st.sampled_from([{}, {"tie": True}, {"source": "two"}, {"license": None}, {"split": "test"}]), min_size=1),
    st.integers(1, 5),
)
def test_batches_add_up_to_the_whole(rows, size):
    whole = add_up([tally(batch(*rows))], "source", "split", "license")
    parts = [tally(batch(*rows[at : at + size])) for at in range(0, len(rows), size)]
    assert add_up(parts, "source", "split", "license").rows() == whole.rows()
    assert whole["pairs"].sum() == len(rows)
