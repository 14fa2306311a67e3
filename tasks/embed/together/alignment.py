"""Alignment: which words beside a picture do not go with it, and how much that weighs."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from tasks.embed.image_text.attributions import attribute
from tasks.embed.image_text.model import load_image_text
from tasks.embed.image_text.stage import ImageTextStage
from tasks.embed.stored import Stored
from tasks.embed.texts import contents_of_shard


class Alignment(ImageTextStage):
    """Say for the words and the medium of each answer how far the words are off: F-CLIPScore (Nam et al. 2025)."""

    version = 1
    reads: ClassVar = ("_beside", "records", "responses", "embeddings")

    def __call__(
        self, beside: pl.LazyFrame, records: pl.LazyFrame, responses: pl.LazyFrame, embeddings: pl.LazyFrame
    ) -> dict[str, pl.DataFrame]:
        """Return `_alignments`: media_id, content_id, `f_clip_score`, and the words that are off.

        What has no vector has no row. Raises Terminal if the model cannot be loaded or has another kind of text tower.
        """
        stored = Stored(embeddings)
        told = beside.select("media_id", "content_id").unique().sort("media_id", "content_id").collect()
        seen = embeddings.select(media_id="content_id").unique().collect()
        told = told.join(seen, on="media_id", how="semi", maintain_order="left")
        texts = contents_of_shard(records, responses, told["content_id"].unique().to_list())
        said = told.join(texts, on="content_id", how="left", maintain_order="left")["text"].to_list()
        encoder = load_image_text(self.weights, self.architecture, self.preparation)
        found = attribute(encoder, stored.read_distinct(told["media_id"]), said, self.batch) if said else []
        return {
            "_alignments": told.with_columns(
                pl.Series("f_clip_score", [each.f_clip_score for each in found], dtype=pl.Float64),
                pl.Series("misaligned", [each.misaligned for each in found], dtype=pl.List(pl.String)),
            )
        }
