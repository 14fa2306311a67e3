"""From judged pairs to a head: one tuned set of weights for every dimension, and one that nobody tuned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from schemas.errors import Terminal
from schemas.plan.train.training import HeadTraining
from training.head.design import Asked, Contents, Design, fit_design
from training.head.fit import Judged, fit, tune
from training.head.model import Head


class Learnt(NamedTuple):
    """The tuned head, the untuned one, and what tuning saw: (dimension, strength, held-out loss)."""

    tuned: Head
    weak: Head
    strengths: dict[str, float]
    curve: list[dict[str, str | float]]


def learn(pairs: pl.DataFrame, asked: Asked, contents: Contents, config: HeadTraining) -> Learnt:
    """Learn a head from `pairs` (dimension, split, tie, margin), whose contents are `asked`, row by row.

    The strength of each dimension is the best on the held-out split; then both splits are learnt from. Raises Terminal
    that names a split without pairs.
    """
    is_train, is_held_out = ((pairs["split"] == split).to_numpy() for split in (config.train, config.held_out))
    design = fit_design(config.blocks, contents, take(asked, is_train))
    tuned, weak, strengths = {}, {}, {}
    curve: list[dict[str, str | float]] = []
    for dimension in pairs["dimension"].unique().sort().to_list():
        is_of = (pairs["dimension"] == dimension).to_numpy()
        train = judged(pairs, asked, contents, design, is_of & is_train, config)
        held_out = judged(pairs, asked, contents, design, is_of & is_held_out, config)
        for split, found in ((config.train, train), (config.held_out, held_out)):
            if not len(found.gaps):
                raise Terminal(
                    f"dimension {dimension} has no pair in the split {split}: name another split, or run the "
                    "plan with other shares"
                )
        best = tune(train, held_out, config.strengths, config.ties)
        both = Judged(*(torch.cat(parts) for parts in zip(train, held_out, strict=True)))
        tuned[dimension] = fit(both, best.strength, config.ties, best.weights).numpy()
        weak[dimension] = fit(both, config.weak, config.ties, best.weights).numpy()
        strengths[dimension] = best.strength
        curve += [{"dimension": dimension, "strength": at, "loss": loss} for at, loss in best.losses.items()]
    return Learnt(Head(design, tuned), Head(design, weak), strengths, curve)


def judged(
    pairs: pl.DataFrame,
    asked: Asked,
    contents: Contents,
    design: Design,
    where: NDArray[np.bool_],
    config: HeadTraining,
) -> Judged:
    """Turn the pairs `where` into what a fit sees."""
    rows = pairs.filter(where)
    margin = rows["margin"].abs().fill_null(0.0) if config.margins else pl.zeros(rows.height, eager=True)
    return Judged(
        design.gaps(contents, take(asked, where)),
        torch.from_numpy(rows["tie"].fill_null(value=False).to_numpy().copy()),
        torch.from_numpy(margin.cast(pl.Float32).to_numpy().copy()),
    )


def take(asked: Asked, where: NDArray[np.bool_] | Sequence[int]) -> Asked:
    """Take the pairs `where`."""
    return Asked(*(rows[where] for rows in asked))
