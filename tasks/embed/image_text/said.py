"""Embed what is said of media: texts in the space of the pictures, where the two can be compared."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from tasks.embed.image_text.stage import ImageTextStage


class EmbedSaid(ImageTextStage):
    """Embed texts, such as prompts and captions, by the text tower of an image-text model."""

    version = 1
    reads: ClassVar = ("_contents",)

    def __call__(self, contents: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `embeddings` of `contents` (content_id, text), one row each, in their order.

        `is_whole` tells whether the model read the text to its end: such models read few words. Raises Terminal if the
        model cannot be loaded.
        """
        found = contents.select("content_id", "text").collect()
        encoder, texts = self.encoder(), found["text"].to_list()
        vectors = encoder.encode_texts(texts, self.batch)
        return {"embeddings": self.rows(found["content_id"], "text", vectors, encoder.reads_whole(texts))}
