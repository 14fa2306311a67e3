"""Torn: near prompts that lie in different splits, found from the texts alone."""

from __future__ import annotations

import numpy as np
import polars as pl

from schemas.text import fold
from tasks.match.candidates import candidates
from tasks.shingles.jaccard import jaccard
from tasks.shingles.minhash import bands, rows_of_a_band, signatures
from tasks.shingles.tokens import shingles


def torn_prompts(pairs: pl.DataFrame, ngram: int, threshold: float) -> pl.DataFrame:
    """Return every two near prompts in different splits: pair_id, split, other_id, other_split, score.

    `pairs` has pair_id, prompt and split. Nothing that a run wrote down about near copies is believed.
    """
    texts = pairs.with_columns(fold(pairs["prompt"]).alias("text"))
    distinct = texts.unique(["text", "split"], keep="first", maintain_order=True)
    cut = shingles(distinct["text"], ngram)
    hashed = bands(signatures(cut), rows_of_a_band(threshold))
    sketches = pl.DataFrame({"key": np.arange(distinct.height)}).with_columns(
        pl.Series(f"band_{at}", values) for at, values in enumerate(hashed)
    )
    found = candidates(sketches.filter(pl.Series(cut.counts > 0)).lazy())
    i, j = found["a"].to_numpy(), found["b"].to_numpy()
    told = pl.DataFrame(
        {
            "pair_id": distinct["pair_id"].gather(i),
            "split": distinct["split"].gather(i),
            "other_id": distinct["pair_id"].gather(j),
            "other_split": distinct["split"].gather(j),
            "score": jaccard(cut, i, j),
        }
    )
    return told.filter(pl.col("split") != pl.col("other_split"), pl.col("score") >= threshold).sort(
        "pair_id", "other_id"
    )
