import numpy as np
import polars as pl
import pytest

from training.evaluate.accuracy import average_precision
from training.evaluate.labels import Judged, average_precisions, judge_labels, judge_yes_or_no


def test_average_precision_with_weights_of_one_is_average_precision():
    random = np.random.default_rng(0)
    scores, wanted = random.integers(0, 9, 60).astype(float), random.random(60) < 0.3
    found = average_precisions(scores, wanted, np.ones((2, 60)))
    assert found == pytest.approx([average_precision(scores, wanted)] * 2)


def test_an_item_that_counts_twice_counts_as_two():
    scores, wanted = np.array([0.9, 0.5, 0.4, 0.1]), np.array([True, False, True, False])
    weights = np.array([[2.0, 0.0, 1.0, 3.0]])
    several = np.array([0.9, 0.9, 0.4, 0.1, 0.1, 0.1]), np.array([True, True, True, False, False, False])
    assert average_precisions(scores, wanted, weights) == pytest.approx([average_precision(*several)])
    assert np.isnan(average_precisions(scores, wanted, np.array([[0.0, 1.0, 0.0, 1.0]]))).all()


def test_counts_by_hand():
    truth = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, np.nan], [0.0, 0.0]])
    called = np.array([[True, True], [False, True], [True, False], [False, False]])
    probabilities = np.array([[0.9, 0.6], [0.4, 0.8], [0.7, 0.9], [0.1, 0.2]])
    rows = judge_labels(Judged(["a", "b"], probabilities, truth, called, pl.Series(["g", "h", "i", "j"])), 0)
    found = {(row.get("dimension"), row["metric"]): row for row in rows}
    value = {key: row["value"] for key, row in found.items()}
    assert (value["a", "precision"], value["a", "recall"], value["a", "f1"]) == (0.5, 0.5, 0.5)
    assert (value["b", "precision"], value["b", "recall"]) == (0.5, 1.0)
    assert value["b", "f1"] == pytest.approx(2 / 3)
    assert value["a", "average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert value["b", "average_precision"] == 1.0
    assert value[None, "macro_f1"] == pytest.approx((0.5 + 2 / 3) / 2)
    # tp 2, fp 2, fn 1
    assert value[None, "micro_f1"] == pytest.approx(4 / 7)
    assert (found["b", "f1"]["n"], value["b", "positives"]) == (3, 1.0)
    assert found["a", "f1"]["baseline"] == pytest.approx(2 / 3)


def test_intervals_know_what_belongs_together():
    random = np.random.default_rng(1)
    truth = (random.random((50, 1)) < 0.5).astype(float)
    probabilities = truth * 0.3 + random.random((50, 1))
    once = Judged(["a"], probabilities, truth, probabilities > 0.6, pl.Series(range(50)))
    # Eight copies of each, which say nothing new.
    many = Judged(
        ["a"], np.repeat(probabilities, 8, 0), np.repeat(truth, 8, 0), np.repeat(once.called, 8, 0),
        pl.Series(np.repeat(np.arange(50), 8)),
    )  # fmt: skip
    one, other = ({row["metric"]: row for row in judge_labels(each, 0)} for each in (once, many))
    for metric in ("average_precision", "f1", "macro_f1"):
        assert other[metric]["value"] == pytest.approx(one[metric]["value"])
        assert other[metric]["high"] - other[metric]["low"] == pytest.approx(one[metric]["high"] - one[metric]["low"])
    alone = judge_labels(once._replace(groups=pl.Series(["g"] * 50)), 0)
    assert np.isnan([row["low"] for row in alone if row["metric"] == "f1"]).all()


def test_yes_or_no_and_nothing():
    row = judge_yes_or_no(np.array([True, True, False, True]), pl.Series(list("aabb")), "right", 0.5, 0)
    assert (row["value"], row["n"], row["baseline"]) == (0.75, 4, 0.5)
    assert (row["low"], row["high"]) == (0.5, 1.0)
    assert judge_labels(Judged([], np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0), bool), pl.Series([])), 0) == []
