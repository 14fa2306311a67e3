"""Every number that a model with rewards is judged by, as rows of `evaluations`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.evaluate.accuracy import accuracy, is_right
from training.evaluate.calibration import both_orders, calibration, reliability
from training.evaluate.lengths import length_bin, length_correlation, length_gap, longer_wins

EVALUATION = pl.Schema(
    {
        "metric": pl.String, "source": pl.String, "dimension": pl.String, "bin": pl.String, "value": pl.Float64,
        "low": pl.Float64, "high": pl.Float64, "baseline": pl.Float64, "n": pl.Int64,
    }
)  # fmt: skip
Row = dict[str, Any]


def judge_rewards(judged: pl.DataFrame, train: pl.DataFrame, seed: int) -> list[Row]:
    """Judge rewards of decided pairs (chosen_reward, rejected_reward, source, component_id and lengths).

    `accuracy` comes in all, by source and by bin of length gap, with a 95% interval over components and, as `baseline`,
    what length alone reaches with the direction it learnt from `train`; then length correlation and calibration.
    """
    gaps = pl.col("chosen_reward") - pl.col("rejected_reward")
    rewards = pl.concat([judged["chosen_reward"], judged["rejected_reward"]])
    lengths = pl.concat([judged["chosen_length"], judged["rejected_length"]])
    return [
        *judge_gaps(judged.with_columns(gap=gaps), train, "accuracy", seed),
        {"metric": "length_correlation", "value": length_correlation(rewards, lengths), "n": len(rewards)},
        *_calibrations(judged.select(gaps).to_series().to_numpy()),
    ]


def judge_gaps(
    judged: pl.DataFrame, train: pl.DataFrame, metric: str, seed: int, parts: tuple[str, ...] = ("source", "bin")
) -> Iterator[Row]:
    """Give the accuracy of a column `gap` under the name `metric`: in all, and by each of the `parts`."""
    right = judged.with_columns(
        right=is_right(pl.col("gap")), length_right=is_right(length_gap() * longer_wins(train)), bin=length_bin()
    )
    yield {"metric": metric, **_accuracy(right, seed)}
    for part in parts:
        for (name,), group in sorted(right.group_by(part), key=lambda each: str(each[0])):
            yield {"metric": metric, part: name, **_accuracy(group, seed)}


def _accuracy(right: pl.DataFrame, seed: int) -> Row:
    found = accuracy(right["right"], right["component_id"], seed)
    return found._asdict() | {"baseline": right["length_right"].mean()}


def _calibrations(gaps: NDArray[np.float64]) -> Iterator[Row]:
    """Give ECE, ACE and MCE, and each bin of the reliability diagram: `value` observed, `baseline` predicted."""
    probabilities, outcomes = both_orders(gaps)
    for name, value in calibration(probabilities, outcomes)._asdict().items():
        yield {"metric": name, "value": value, "n": len(gaps)}
    found = reliability(probabilities, outcomes)
    for predicted, observed, n in zip(*found, strict=True):
        name = f"{int(predicted * 10) / 10:.1f}"
        yield {"metric": "reliability", "bin": name, "value": observed, "baseline": predicted, "n": int(n)}
