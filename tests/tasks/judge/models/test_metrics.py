"""What was said of a pair holds for its copies, and not for another label."""

import polars as pl
import pytest

from tasks.judge.models.metrics import REWARDS, SUSPECTS, with_model_metrics

SAID = pl.LazyFrame([("k1", "help", "good", 0.9, "t1"), ("k2", "help", "good", 0.2, "t1")], SUSPECTS, orient="row")
WORTH = pl.LazyFrame([("k1", "good", -0.5, "t2"), ("k1", "poor", -2.0, "t2")], REWARDS, orient="row")


def seen(*rows, names):
    columns = ["pair_id", "pair_key", "dimension", "chosen_id", "rejected_id"]
    return with_model_metrics(pl.LazyFrame(rows, columns, orient="row"), SAID, WORTH, names).collect()


@pytest.mark.parametrize(
    ("row", "probability"),
    [
        (("copy", "k1", "help", "good", "poor"), 0.9),
        (("turned", "k1", "help", "poor", "good"), None),
        (("of another dimension", "k1", "harm", "good", "poor"), None),
        (("new", "k3", "help", "good", "poor"), None),
    ],
)
def test_a_probability_is_that_of_the_label(row, probability):
    assert seen(row, names=["suspect_probability"])["suspect_probability"].to_list() == [probability]


def test_rewards_are_those_of_the_responses_whichever_is_chosen():
    rows = [("a", "k1", "help", "good", "poor"), ("b", "k1", "harm", "poor", "good"), ("c", "k1", "x", "good", "other")]
    found = seen(*rows, names=["combined_reward_gap", "chosen_combined_reward"])
    assert found["chosen_combined_reward"].to_list() == [-0.5, -2.0, -0.5]
    assert found["combined_reward_gap"].to_list() == [1.5, -1.5, None]
    assert found["training_id"].to_list() == ["t2"] * 3


def test_nothing_is_added_that_nobody_names():
    found = seen(("a", "k1", "help", "good", "poor"), names=["chosen_chars"])
    assert found.columns == ["pair_id", "pair_key", "dimension", "chosen_id", "rejected_id"]
