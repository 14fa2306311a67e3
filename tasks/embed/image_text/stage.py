"""What the stages of image-text models have in common: which model it is, and what rows its vectors make."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from pydantic import Field

from schemas.stage import Stage
from tasks.embed.image_text.model import ImageTextEncoder, Vectors, load_image_text
from tasks.models.preparation import Preparation


class ImageTextStage(Stage):
    """The model `model` at `revision`, whose files have the digest `digest`.

    Neither where the weights lie nor `batch` is part of the key: they change no vector by more than rounding.
    """

    model: str
    revision: str
    digest: str
    architecture: str | None = None
    preparation: Preparation
    weights: Path = Field(exclude=True)
    batch: int = Field(default=32, exclude=True)

    def encoder(self) -> ImageTextEncoder:
        """Load the model, once a process. Raises Terminal if it cannot be loaded."""
        return load_image_text(self.weights, self.architecture, self.preparation)

    def rows(self, content_ids: pl.Series, content: str, vectors: Vectors, is_whole: list[bool]) -> pl.DataFrame:
        """Make rows of `embeddings`, in order."""
        dim = vectors.shape[1]
        return (
            content_ids.alias("content_id")
            .to_frame()
            .with_columns(
                content=pl.lit(content),
                model=pl.lit(self.model),
                revision=pl.lit(self.revision),
                dim=pl.lit(dim, pl.Int64),
                vector=pl.Series("vector", vectors, dtype=pl.Array(pl.Float32, dim)).cast(pl.List(pl.Float32)),
                is_whole=pl.Series(is_whole, dtype=pl.Boolean),
            )
        )
