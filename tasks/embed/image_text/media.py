"""Embed media: one vector of length 1 for each picture, and one for all frames of a video together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
import polars as pl

from tasks.embed.image_text.model import Vectors
from tasks.embed.image_text.stage import ImageTextStage
from tasks.models.preparation import Picture


class EmbedMedia(ImageTextStage):
    """Embed pictures and videos, of which `frames` frames are seen.

    A video is the mean of the vectors of its frames, of length 1 again.
    """

    version = 1
    reads: ClassVar = ("media",)
    frames: int
    pooling: Literal["mean"] = "mean"

    def __call__(self, media: pl.LazyFrame, pictures: Sequence[Picture]) -> dict[str, pl.DataFrame]:
        """Return `embeddings` of `media` (content_id), one row each, in their order.

        `pictures` are as many: a picture (h, w, 3), or the one frame or more of a video (k, h, w, 3), as they were
        decoded or as `preparation` has prepared them. Raises Terminal if the model cannot be loaded.
        """
        ids = media.select("content_id").collect()["content_id"]
        each = [list(picture) if picture.ndim == 4 else [picture] for picture in pictures]
        seen = self.encoder().encode_pictures([frame for frames in each for frame in frames], self.batch)
        vectors = pooled(seen, [len(frames) for frames in each])
        return {"embeddings": self.rows(ids, "media", vectors, [True] * len(ids))}


def pooled(vectors: Vectors, counts: Sequence[int]) -> Vectors:
    """Average every so many consecutive vectors, at least one; the means have length 1 again."""
    if not counts:
        return vectors
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(vectors.astype(np.float64), starts, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means: Vectors = (sums / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return means
