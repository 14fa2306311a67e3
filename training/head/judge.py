"""Every number that a head is judged by, as rows of `evaluations`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.training import HeadTraining
from training.evaluate.accuracy import accuracy, is_right
from training.evaluate.calibration import both_orders, calibration, reliability
from training.evaluate.lengths import length_bin, length_correlation, length_gap, longer_wins
from training.head.design import Asked, Contents
from training.head.learn import Learnt, take

EVALUATION = pl.Schema(
    {
        "metric": pl.String, "source": pl.String, "dimension": pl.String, "bin": pl.String, "value": pl.Float64,
        "low": pl.Float64, "high": pl.Float64, "baseline": pl.Float64, "n": pl.Int64,
    }
)  # fmt: skip
Row = dict[str, Any]


def evaluate(
    pairs: pl.DataFrame, asked: Asked, contents: Contents, learnt: Learnt, config: HeadTraining
) -> pl.DataFrame:
    """Judge both heads on the test split, dimension by dimension; ties are left out.

    `accuracy` comes in all, by source and by bin of length gap, with a 95% interval over components and, as `baseline`,
    what length alone reaches with the direction it learnt from the training split. Columns are those of `EVALUATION`.
    """
    is_test = (pairs["split"] == config.test) & ~pairs["tie"].fill_null(value=False)
    rows: list[Row] = []
    for dimension in learnt.tuned.weights:
        where = (is_test & (pairs["dimension"] == dimension)).to_numpy()
        if where.any():
            rows += _of_dimension(pairs, where, take(asked, where), contents, learnt, dimension, config)
    return pl.DataFrame(rows, schema=EVALUATION)


def _of_dimension(
    pairs: pl.DataFrame,
    where: NDArray[np.bool_],
    asked: Asked,
    contents: Contents,
    learnt: Learnt,
    dimension: str,
    config: HeadTraining,
) -> list[Row]:
    train = pairs.filter((pl.col("split") == config.train) & (pl.col("dimension") == dimension))
    chosen = learnt.tuned.rewards(contents, asked.prompt, asked.chosen)[dimension]
    rejected = learnt.tuned.rewards(contents, asked.prompt, asked.rejected)[dimension]
    weak = (
        learnt.weak.rewards(contents, asked.prompt, asked.chosen)[dimension]
        - learnt.weak.rewards(contents, asked.prompt, asked.rejected)[dimension]
    )
    judged = pairs.filter(where).with_columns(
        pl.Series("gap", chosen - rejected),
        pl.Series("weak_gap", weak),
        by_length=length_gap() * longer_wins(train),
        bin=length_bin(),
    )
    right = judged.with_columns(
        right=is_right(pl.col("gap")),
        weak_right=is_right(pl.col("weak_gap")),
        length_right=is_right(pl.col("by_length")),
    )
    rewards = pl.Series(np.concatenate([chosen, rejected]))
    chars = pl.concat([judged["chosen_chars"], judged["rejected_chars"]])
    rows = [
        *_accuracies(right, "right", "accuracy", config.seed),
        *_accuracies(right, "weak_right", "accuracy_untuned", config.seed, parts=()),
        {"metric": "length_correlation", "value": length_correlation(rewards, chars), "n": len(rewards)},
        *calibrations(judged["gap"].to_numpy()),
    ]
    return [{"dimension": dimension, **row} for row in rows]


def _accuracies(
    right: pl.DataFrame, column: str, metric: str, seed: int, parts: tuple[str, ...] = ("source", "bin")
) -> Iterator[Row]:
    yield {"metric": metric, **_accuracy(right, column, seed)}
    for part in parts:
        for (name,), group in sorted(right.group_by(part), key=lambda each: str(each[0])):
            yield {"metric": metric, part: name, **_accuracy(group, column, seed)}


def _accuracy(right: pl.DataFrame, column: str, seed: int) -> Row:
    found = accuracy(right[column], right["component_id"], seed)
    return found._asdict() | {"baseline": right["length_right"].mean()}


def calibrations(gaps: NDArray[np.float64]) -> Iterator[Row]:
    """Give ECE, ACE and MCE, and each bin of the reliability diagram: `value` observed, `baseline` predicted."""
    probabilities, outcomes = both_orders(gaps)
    for name, value in calibration(probabilities, outcomes)._asdict().items():
        yield {"metric": name, "value": value, "n": len(gaps)}
    found = reliability(probabilities, outcomes)
    for predicted, observed, n in zip(*found, strict=True):
        name = f"{int(predicted * 10) / 10:.1f}"
        yield {"metric": "reliability", "bin": name, "value": observed, "baseline": predicted, "n": int(n)}
