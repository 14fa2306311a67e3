"""Embed captions, so that they can be set against the words that stand beside their media."""

from __future__ import annotations

from typing import ClassVar, Final

import polars as pl

from schemas.identity import digest
from tasks.embed.image_text.stage import ImageTextStage

# A caption's content has the id of a response with its text.
CAPTION_ID: Final = digest(pl.lit("response"), "text")


class EmbedCaptions(ImageTextStage):
    """Embed captions by the text tower of an image-text model, each distinct one once."""

    version = 1
    reads: ClassVar = ("captions",)

    def __call__(self, captions: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `embeddings` of captions (text). Raises Terminal if the model cannot be loaded."""
        told = captions.select("text").unique().sort("text").collect().with_columns(content_id=CAPTION_ID)
        encoder, texts = self.encoder(), told["text"].to_list()
        vectors = encoder.encode_texts(texts, self.batch)
        return {"embeddings": self.rows(told["content_id"], "text", vectors, encoder.reads_whole(texts))}
