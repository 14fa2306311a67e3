"""Caption media: one sentence for each picture, and one for the middle frame of each video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import polars as pl
from pydantic import Field

from schemas.stage import Stage
from tasks.caption.coca import load_captioner
from tasks.models.preparation import Picture, Preparation


class Caption(Stage):
    """Say what is on pictures and videos with the model `model` at `revision`, in at most `tokens` tokens.

    Neither where the weights lie nor `batch` is part of the key.
    """

    version = 1
    reads: ClassVar = ("media",)
    model: str
    revision: str
    digest: str
    architecture: str | None = None
    preparation: Preparation
    tokens: int = 30
    weights: Path = Field(exclude=True)
    batch: int = Field(default=32, exclude=True)

    def __call__(self, media: pl.LazyFrame, pictures: Sequence[Picture]) -> dict[str, pl.DataFrame]:
        """Return `captions` of `media` (content_id), one row each, in their order.

        `pictures` are as many: a picture (h, w, 3), or the one frame or more of a video (k, h, w, 3).
        Raises Terminal if the model cannot be loaded.
        """
        ids = media.select("content_id").collect()["content_id"]
        captioner = load_captioner(self.weights, self.architecture, self.preparation)
        shown = [picture[len(picture) // 2] if picture.ndim == 4 else picture for picture in pictures]
        texts = captioner.caption(shown, self.batch, self.tokens)
        return {
            "captions": pl.DataFrame(
                {"media_id": ids, "text": texts}, schema={"media_id": pl.String, "text": pl.String}
            ).with_columns(model=pl.lit(self.model), revision=pl.lit(self.revision))
        }
