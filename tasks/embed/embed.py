"""Embed contents: one vector of length 1 for each distinct text."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import polars as pl
from pydantic import Field

from schemas.stage import Stage
from tasks.embed.encoder import load_encoder


class Embed(Stage):
    """Embed texts with the model `model` at `revision`, whose files have the digest `digest` and lie in `place`.

    Neither the place nor `batch` is part of the key: they change no vector by more than rounding.
    """

    version = 2
    reads: ClassVar = ("_contents",)
    model: str
    revision: str
    digest: str
    place: Path = Field(exclude=True)
    batch: int = Field(default=32, exclude=True)

    def __call__(self, contents: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `embeddings` of `contents` (content_id, text): one row each, in their order.

        `is_whole` tells whether the model read the text to its end. Raises Terminal if the model cannot be loaded.
        """
        found = contents.select("content_id", "text").collect()
        encoder = load_encoder(self.place)
        said = found["text"].to_list()
        vectors = encoder.encode(said, self.batch)
        lists = pl.Series("vector", vectors, dtype=pl.Array(pl.Float32, encoder.dim)).cast(pl.List(pl.Float32))
        return {
            "embeddings": found.select(
                "content_id",
                content=pl.lit("text"),
                model=pl.lit(self.model),
                revision=pl.lit(self.revision),
                dim=pl.lit(encoder.dim, pl.Int64),
                vector=lists,
                is_whole=pl.Series(encoder.reads_whole(said), dtype=pl.Boolean),
            )
        }
