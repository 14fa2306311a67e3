"""Harms: what each picture or video may show, by a model that was never taught to judge it. Weak evidence only."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.rules.metrics import HARMS
from tasks.embed.image_text.safety import PROMPTS, safety_scores
from tasks.embed.image_text.stage import ImageTextStage
from tasks.embed.stored import Stored


class Harms(ImageTextStage):
    """Set the vector of each medium against sentences about harm and about safety (`tasks.embed.image_text.safety`)."""

    version = 1
    reads: ClassVar = ("embeddings",)

    def __call__(self, embeddings: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_harms`: media_id, the share of each harm against a safe picture, and the largest as `harm`.

        Raises Terminal if the model cannot be loaded.
        """
        ids = embeddings.filter(pl.col("content") == "media").select("content_id").unique().sort("content_id").collect()
        encoder = self.encoder()
        said = encoder.encode_texts(PROMPTS, self.batch)
        shares = safety_scores(Stored(embeddings).read(ids["content_id"]), said, encoder.logit_scale)
        named = shares.rename({name: f"harm_{name}" for name in shares.columns}).with_columns(
            harm=pl.max_horizontal(pl.all())
        )
        return {"_harms": named.select(pl.Series("media_id", ids["content_id"]), *HARMS)}
