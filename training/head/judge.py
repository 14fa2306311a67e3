"""Judge a head on the test split, dimension by dimension."""

from __future__ import annotations

import polars as pl

from schemas.plan.train.training import HeadTraining
from training.evaluate.rewards import EVALUATION, Row, judge_gaps, judge_rewards
from training.head.design import Asked, Contents
from training.head.learn import Learnt, take
from training.head.model import Head


def evaluate(
    pairs: pl.DataFrame, asked: Asked, contents: Contents, learnt: Learnt, config: HeadTraining
) -> pl.DataFrame:
    """Judge both heads on the test split; ties are left out. Columns are those of `EVALUATION`.

    The tuned head has every number of `judge_rewards`, the other one `accuracy_untuned` in all.
    """
    is_test = (pairs["split"] == config.test) & ~pairs["tie"].fill_null(value=False)
    rows: list[Row] = []
    for dimension in learnt.tuned.weights:
        is_of = pl.col("dimension") == dimension
        where = is_test & pairs.select(is_of).to_series()
        if not where.any():
            continue
        train = pairs.filter((pl.col("split") == config.train) & is_of)
        test, asks = pairs.filter(where), take(asked, where.to_numpy())
        judged = _rewarded(test, asks, contents, learnt.tuned, dimension)
        weak = _rewarded(test, asks, contents, learnt.weak, dimension)
        weak = weak.with_columns(gap=pl.col("chosen_reward") - pl.col("rejected_reward"))
        found = judge_rewards(judged, train, config.seed)
        found += judge_gaps(weak, train, "accuracy_untuned", config.seed, parts=())
        rows += [{"dimension": dimension, **row} for row in found]
    return pl.DataFrame(rows, schema=EVALUATION)


def _rewarded(test: pl.DataFrame, asked: Asked, contents: Contents, head: Head, dimension: str) -> pl.DataFrame:
    sides = {"chosen_reward": asked.chosen, "rejected_reward": asked.rejected}
    rewards = {name: head.rewards(contents, asked.prompt, side)[dimension] for name, side in sides.items()}
    return test.with_columns(pl.Series(name, values, dtype=pl.Float64) for name, values in rewards.items())
