"""Labels that may be wrong: pairs that a model which never saw them, nor their relatives, judges the other way."""

from __future__ import annotations

import numpy as np
import polars as pl
import torch

from schemas.training import HeadTraining
from training.head.design import Asked, Contents, fit_design
from training.head.fit import fit
from training.head.learn import judged, take


def find_suspects(
    pairs: pl.DataFrame, asked: Asked, contents: Contents, strengths: dict[str, float], config: HeadTraining
) -> pl.DataFrame:
    """Judge every decided pair of `pairs` by a head learnt from the other folds; folds are whole components.

    Returns (pair_id, probability, fold): the probability σ(r_rejected - r_chosen) that the label is wrong, out of fold
    (Northcutt et al. 2021, Confident Learning, section 3.1). Pairs of one component share prompts, near prompts or
    responses, so no pair is judged by a model that saw its copy. `strengths` are those of the tuned head, by dimension.
    """
    fold = pairs["component_id"].str.slice(0, 8).str.to_integer(base=16, dtype=pl.UInt32) % config.folds
    is_decided = ~pairs["tie"].fill_null(value=False).to_numpy()
    design = fit_design(config.blocks, contents, asked)
    found = []
    for dimension, strength in strengths.items():
        is_of = (pairs["dimension"] == dimension).to_numpy()
        for number in range(config.folds):
            is_out = (fold == number).to_numpy()
            out = is_of & is_out & is_decided
            if not out.any():
                continue
            if not (is_of & ~is_out).any():
                # A model that saw nothing would call everything a toss-up.
                continue
            others = judged(pairs, asked, contents, design, is_of & ~is_out, config)
            gaps = design.gaps(contents, take(asked, out)) @ fit(others, strength, config.ties)
            wrong = torch.sigmoid(-gaps).numpy().astype(np.float64)
            found.append(pairs.filter(out).select("pair_id", probability=pl.Series(wrong), fold=pl.lit(number)))
    return (
        pl.concat(found)
        if found
        else pl.DataFrame(schema={"pair_id": pl.String, "probability": pl.Float64, "fold": pl.Int32})
    )
