"""A planted length bias is measured as it was planted, by count and by model."""

import math
import random

import polars as pl
import pytest

from tasks.report.bias.length import length_bias, length_ratios
from tasks.report.bias.length_model import length_models

SHAPE = {"source": pl.String, "dimension": pl.String, "part": pl.String, "tie": pl.Boolean, "chosen_chars": pl.Int64,
         "rejected_chars": pl.Int64}  # fmt: skip


def frame(rows):
    return pl.DataFrame(rows, schema=SHAPE, orient="row")


def planted(longer, shorter, source="s", part="train"):
    rows = [(source, "overall", part, False, 100 + at, 50) for at in range(longer)]
    return rows + [(source, "overall", part, False, 50, 100 + at) for at in range(shorter)]


def test_the_planted_share_is_found():
    rows = [
        *planted(70, 30),
        ("s", "overall", "train", True, 900, 10),
        ("s", "overall", "train", False, 80, 80),
        ("s", "overall", "train", False, None, 80),
        *planted(10, 30, "t"),
    ]
    told = length_bias(frame(rows).sample(fraction=1.0, shuffle=True, seed=3))
    assert told.select("source", "pairs", "decided", "longer", "share").rows() == [
        ("s", 102, 100, 70, 0.7),
        ("t", 40, 40, 10, 0.25),
    ]
    assert told["low"][0] < 0.7 < told["high"][0] < 0.8
    assert told["low"][0] > 0.5


def test_ratios_are_counted_once_on_their_side():
    told = length_ratios(frame(planted(60, 40)))
    assert told.group_by(pl.col("start") < 0).agg(pl.col("pairs").sum()).sort("start").rows() == [
        (False, 60),
        (True, 40),
    ]
    assert length_ratios(frame(planted(60, 0))).filter(pl.col("start") < 0)["pairs"].sum() == 0


def test_the_reach_follows_the_data():
    near = [("s", "overall", None, False, 100, 99)] * 50
    far = [("s", "overall", None, False, 5000, 10)] * 50
    assert length_ratios(frame(near))["end"].max() == 0.5
    assert length_ratios(frame(near + far))["end"].max() == 4.0


def test_models_are_right_as_often_as_the_bias_says():
    told = length_models(frame(planted(80, 20) + planted(30, 10, part="test")))
    assert told.select("model", "train", "test", "right", "share").rows() == [
        ("rule", 100, 40, 30.0, 0.75),
        ("logistic", 100, 40, 30.0, 0.75),
    ]


def test_where_shorter_answers_win_the_rule_takes_them():
    told = length_models(frame(planted(20, 80) + planted(10, 30, part="test")))
    assert told["share"].to_list() == [0.75, 0.75]


def test_only_the_curved_model_learns_that_a_length_is_best():
    """Whoever is nearer to 300 characters wins: half of the time that is the longer one."""
    draw = random.Random(5)

    def one(part):
        sides = sorted((round(30 * 100 ** draw.random()) for _ in range(2)), key=lambda n: abs(math.log(n / 300)))
        return ("s", "overall", part, False, *sides)

    told = length_models(frame([one("train") for _ in range(3000)] + [one("test") for _ in range(600)]))
    rule, logistic = told["share"].to_list()
    assert rule < 0.6
    assert logistic > 0.95


def test_answers_of_one_length_are_half_right():
    same = [("s", "overall", "test", False, 70, 70)] * 40
    told = length_models(frame(planted(80, 20) + same))
    assert told["share"].to_list() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (planted(10, 5), "only 15 training pairs"),
        (planted(30, 5) + planted(3, 1, part="test"), "only 4 held-out pairs"),
    ],
)
def test_too_few_pairs_say_so(rows, why):
    told = length_models(frame(rows))
    assert told["share"].to_list() == [None, None]
    assert all(each.startswith(why) for each in told["why"])
