"""What a head's numbers are to be held against: labels turned round on purpose, and a split by rows."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.plan.train.training import HeadTraining
from training.evaluate.accuracy import average_precision, is_right
from training.evaluate.rewards import Row, judge_gaps
from training.head.design import Asked, Contents
from training.head.folds import judge_out_of_fold
from training.head.judge import evaluate
from training.head.learn import learn
from training.suspects import find_suspects


def judge_out_of_folds(pairs: pl.DataFrame, suspects: pl.DataFrame, config: HeadTraining) -> list[Row]:
    """Count how often heads agree with the labels of pairs that they have not seen: `accuracy_out_of_fold`.

    `suspects` says of every pair how probable it is that its label is wrong. In all and by source, with the interval
    and the baseline of `accuracy`; more pairs than the test split has, but the strength was tuned on some of them.
    """
    judged = pairs.join(suspects.select("pair_id", "probability"), on="pair_id", maintain_order="left")
    gaps = judged.with_columns(gap=0.5 - pl.col("probability"))
    rows: list[Row] = []
    for (dimension,), group in sorted(gaps.group_by("dimension"), key=lambda each: str(each[0])):
        train = group.filter(pl.col("split") == config.train)
        found = judge_gaps(group, train, "accuracy_out_of_fold", config.seed, parts=("source",))
        rows += [{"dimension": dimension, **row} for row in found]
    return rows


def find_planted_flips(pairs: pl.DataFrame, asked: Asked, contents: Contents, config: HeadTraining) -> list[Row]:
    """Turn round the share `planted_flips` of the decided labels and look for them as for any wrong label.

    Gives `suspects_found` by dimension: the average precision of the probabilities, beside the share as what chance
    would reach; and `accuracy_with_flips`: how often the heads that judged agree with the labels as they were.
    Strengths are tuned on labels as noisy as those that are learnt from.
    """
    is_decided = ~pairs["tie"].fill_null(value=False)
    drawn = np.random.default_rng(config.seed).permutation(pairs.height)
    candidates = drawn[is_decided.to_numpy()[drawn]]
    is_flipped = np.zeros(pairs.height, dtype=bool)
    is_flipped[candidates[: round(config.planted_flips * len(candidates))]] = True
    noisy, asked = _turned(pairs, asked, is_flipped)
    strengths = learn(noisy, asked, contents, config).strengths
    rewards = judge_out_of_fold(noisy, asked, contents, strengths, config)
    found = find_suspects(noisy, rewards).join(
        noisy.select("pair_id", is_flipped=pl.Series(is_flipped)), on="pair_id", maintain_order="left"
    )
    rows: list[Row] = []
    for (dimension,), group in sorted(found.group_by("dimension"), key=lambda each: str(each[0])):
        agrees = is_right(pl.lit(0.5) - pl.col("probability"))
        as_it_was = group.select(pl.when("is_flipped").then(1.0 - agrees).otherwise(agrees).mean()).item()
        precision = average_precision(group["probability"].to_numpy(), group["is_flipped"].to_numpy())
        said = {"dimension": dimension, "n": group.height}
        rows += [
            {**said, "metric": "suspects_found", "value": precision, "baseline": group["is_flipped"].mean()},
            {**said, "metric": "accuracy_with_flips", "value": as_it_was},
        ]
    return rows


def judge_split_by_row(pairs: pl.DataFrame, asked: Asked, contents: Contents, config: HeadTraining) -> list[Row]:
    """Learn and judge as if the same splits had been drawn row by row, so that prompts and responses leak.

    Gives `accuracy_by_row` and `accuracy_by_row_untuned`: by how much they exceed `accuracy` and `accuracy_untuned`
    is what such a split makes a head look better than it is. They have no interval that could be trusted.
    """
    of_dimension = pl.col("split").shuffle(seed=config.seed).over("dimension")
    mixed = pairs.sort("pair_id").with_columns(of_dimension)
    mixed = pairs.drop("split").join(mixed.select("pair_id", "split"), on="pair_id", maintain_order="left")
    learnt = learn(mixed, asked, contents, config)
    found = evaluate(mixed, asked, contents, learnt, config).filter(
        pl.col("source").is_null() & pl.col("bin").is_null()
    )
    names = {"accuracy": "accuracy_by_row", "accuracy_untuned": "accuracy_by_row_untuned"}
    wanted = found.filter(pl.col("metric").is_in(list(names))).with_columns(pl.col("metric").replace(names))
    return wanted.select("dimension", "metric", "value", "baseline", "n").to_dicts()


def _turned(pairs: pl.DataFrame, asked: Asked, where: NDArray[np.bool_]) -> tuple[pl.DataFrame, Asked]:
    """Exchange chosen and rejected of the pairs `where`."""
    sides = [name.removeprefix("chosen") for name in pairs.columns if name.startswith("chosen")]
    both = [(f"chosen{side}", f"rejected{side}") for side in sides if f"rejected{side}" in pairs.columns]
    is_turned = pl.Series("is_turned", where)
    exchanged = {}
    for one, other in both:
        exchanged[one] = pl.when(is_turned).then(other).otherwise(one)
        exchanged[other] = pl.when(is_turned).then(one).otherwise(other)
    chosen = np.where(where, asked.rejected, asked.chosen)
    rejected = np.where(where, asked.chosen, asked.rejected)
    return pairs.with_columns(**exchanged), asked._replace(chosen=chosen, rejected=rejected)
