"""Assemble: the public table `pairs`, with texts, one file per shard."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage
from schemas.tables import DERIVED


class Assemble(Stage):
    """Put the prompt, both answers and what is known of the record beside each pair of one shard.

    `content` is the digest of what has been decided about the shard's pairs.
    """

    reads: ClassVar = ("_final", "records", "responses")
    shard: str
    content: str

    def __call__(self, final: pl.LazyFrame, records: pl.LazyFrame, responses: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `pairs`."""
        about = records.select(
            "record_id", "source", "task", "modality", "language", "license", "commercial_ok", prompt="prompt_text"
        )
        answers = responses.select("response_id", "text", "media_id").filter(pl.col("response_id").is_first_distinct())
        pairs = final.filter(pl.col("shard") == self.shard).join(about, on="record_id")
        for side in ("chosen", "rejected"):
            pairs = pairs.join(
                answers.rename({"text": side, "media_id": f"{side}_media_id"}),
                left_on=f"{side}_id",
                right_on="response_id",
            )
        return {"pairs": pairs.select(DERIVED["pairs"].names).collect()}
