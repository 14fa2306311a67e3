"""Rewards of responses: each once, beside the quantile of the training split's."""

import numpy as np
import polars as pl
import pytest

from schemas.plan.train.training import HeadTraining
from tests.training.planted import plant
from training.head.folds import judge_out_of_fold
from training.rewards import rewards_of_responses

CONFIG = HeadTraining(blocks=["response"], folds=3)


def test_each_response_is_rewarded_once_however_many_dimensions_it_is_judged_in():
    pairs = pl.DataFrame(
        {
            "pair_id": ["p1", "p2", "p3"],
            "pair_key": ["k1", "k1", "k2"],
            "split": ["train", "train", "test"],
            "chosen_id": ["a", "b", "c"],
            "rejected_id": ["b", "a", "a"],
        }
    )
    told = {"pair_id": ["p1", "p2", "p3"], "fold": [0, 0, 1], "dimension": "help"}
    rewards = pl.DataFrame(told | {"chosen": [1.0, 3.0, 9.0], "rejected": [3.0, 1.0, 7.0]})
    found = rewards_of_responses(pairs, rewards, "train", 0.5)
    assert found.rows() == [
        ("k1", "a", "help", 1.0, 2.0, 0),
        ("k1", "b", "help", 3.0, 2.0, 0),
        ("k2", "a", "help", 7.0, 2.0, 1),
        ("k2", "c", "help", 9.0, 2.0, 1),
    ]


def test_as_many_responses_exceed_the_reference_as_the_quantile_says():
    pairs, asked, contents, _ = plant(500, dimensions=("help", "harm"))
    rewards = judge_out_of_fold(pairs, asked, contents, {"help": 0.3, "harm": 0.3}, CONFIG)
    found = rewards_of_responses(pairs, rewards, "train", 0.85)
    assert found.height == 500 * 2 * 2
    in_train = found.join(pairs.filter(split="train"), on="pair_key", how="semi")
    for _, group in in_train.group_by("dimension"):
        assert (group["reward"] > group["reference"]).mean() == pytest.approx(0.15, abs=0.01)


def test_a_dimension_that_only_one_fold_has_rewards_the_other_folds():
    pairs, asked, contents, _ = plant(60)
    fold = pairs["component_id"].str.slice(0, 8).str.to_integer(base=16, dtype=pl.UInt32) % 3
    alone = (fold == 1).to_numpy() & (np.arange(60) < 40)
    split = pairs.with_columns(dimension=pl.when(pl.Series(alone)).then(pl.lit("rare")).otherwise("dimension"))
    rewards = judge_out_of_fold(split, asked, contents, {"overall": 0.3, "rare": 0.3}, CONFIG)
    rare = rewards.filter(dimension="rare")
    assert set(rare["fold"]) == {0, 2}
    assert rewards.filter(dimension="overall").height == 60
