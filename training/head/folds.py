"""Heads by fold: every pair gets its rewards from heads that saw nothing of its component."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.plan.train.training import HeadTraining
from training.head.design import Asked, Contents, Design, fit_design
from training.head.fit import fit
from training.head.learn import judged, take
from training.head.model import Head

OUT_OF_FOLD = pl.Schema({
    "pair_id": pl.String, "fold": pl.Int64, "dimension": pl.String, "chosen": pl.Float64, "rejected": pl.Float64,
})  # fmt: skip


def judge_out_of_fold(
    pairs: pl.DataFrame, asked: Asked, contents: Contents, strengths: dict[str, float], config: HeadTraining
) -> pl.DataFrame:
    """Reward both sides of every pair of `pairs`, in every dimension, by heads learnt from the other folds.

    Returns the columns of `OUT_OF_FOLD`, in the order of the pairs within each fold. Folds are whole components: pairs
    of one component share prompts, near prompts or responses, so no pair is judged by a head that saw it or its copy.
    `strengths` are those of the ridge, by dimension. A dimension with no pair in the other folds rewards nothing.
    """
    fold = (pairs["component_id"].str.slice(0, 8).str.to_integer(base=16, dtype=pl.UInt32) % config.folds).to_numpy()
    design = fit_design(config.blocks, contents, asked)
    found = [OUT_OF_FOLD.to_frame()]
    for number in np.unique(fold):
        out = fold == number
        head = _head(pairs, asked, contents, design, ~out, strengths, config)
        found += _rewarded(pairs.filter(out)["pair_id"], int(number), take(asked, out), contents, head)
    return pl.concat(found)


def _head(
    pairs: pl.DataFrame,
    asked: Asked,
    contents: Contents,
    design: Design,
    where: NDArray[np.bool_],
    strengths: dict[str, float],
    config: HeadTraining,
) -> Head:
    weights = {}
    for dimension, strength in strengths.items():
        own = where & (pairs["dimension"] == dimension).to_numpy()
        # A model that saw nothing would call everything a toss-up.
        if own.any():
            others = judged(pairs, asked, contents, design, own, config)
            weights[dimension] = fit(others, strength, config.ties).numpy()
    return Head(design, weights)


def _rewarded(pair_ids: pl.Series, fold: int, asked: Asked, contents: Contents, head: Head) -> Iterator[pl.DataFrame]:
    chosen = head.rewards(contents, asked.prompt, asked.chosen)
    rejected = head.rewards(contents, asked.prompt, asked.rejected)
    for dimension in head.weights:
        told = {"pair_id": pair_ids, "chosen": chosen[dimension], "rejected": rejected[dimension]}
        frame = pl.DataFrame(told).with_columns(fold=pl.lit(fold, pl.Int64), dimension=pl.lit(dimension))
        yield frame.select(OUT_OF_FOLD.names())
