"""Clusters by k-means on the sphere (SemDeDup): what means the same lies in one of them, so only they are searched."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from tasks.embed.stored import Stored, Vectors

# Centres are learnt from so many vectors for each, in so many rounds.
_EACH: Final = 64
_ROUNDS: Final = 10
# Two twins on both sides of a border share one of the next clusters.
NEXT: Final = 4
_ROWS: Final = 1 << 14


def cluster(ids: pl.Series, stored: Stored) -> pl.DataFrame:
    """Put each of `ids`, which are in order and different, into its four nearest of about sqrt(n) clusters.

    Returns `content_id` and `cluster`. Ids are digests, so the first of them are as good a sample as any.
    """
    count = max(1, round(len(ids) ** 0.5))
    centres = _learn(stored.read(ids.head(_EACH * count)), count)
    placed = [pl.DataFrame(schema={"content_id": pl.String, "cluster": pl.Int64})]
    for at, vectors in stored.parts(ids):
        near = _nearest(vectors, centres, min(NEXT, count))
        named = ids.gather(np.repeat(at, near.shape[1])).alias("content_id")
        placed.append(pl.DataFrame([named, pl.Series("cluster", near.ravel())]))
    return pl.concat(placed).unique()


def _learn(sample: Vectors, count: int) -> Vectors:
    """Move `count` centres, at first the first vectors of the sample, to the middle of what is nearest to them."""
    centres = sample[:count].copy()
    for _ in range(_ROUNDS):
        own = _nearest(sample, centres, 1)[:, 0]
        sums = np.zeros_like(centres)
        np.add.at(sums, own, sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        # A centre that nothing is nearest to stays where it is.
        centres = np.where(lengths > 0, sums / np.where(lengths > 0, lengths, 1.0), centres)
    return centres


def _nearest(vectors: Vectors, centres: Vectors, count: int) -> np.ndarray:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    there = torch.from_numpy(centres).to(device).T
    parts = [
        (torch.tensor(vectors[start : start + _ROWS], device=device) @ there).topk(count, dim=1).indices.cpu().numpy()
        for start in range(0, len(vectors), _ROWS)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, count), np.int64)
