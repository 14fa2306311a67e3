"""Which words stand beside which picture: what a score of both is about."""

from __future__ import annotations

from typing import ClassVar, Final

import polars as pl

from schemas.identity import digest
from schemas.stage import Stage

# A prompt's content has the id of a response with its text.
_CONTENT: Final = digest(pl.lit("response"), "words")


class Beside(Stage):
    """Say of each answer which medium and which words belong together.

    Of an answer with a medium they are that medium and the words of the prompt, of an answer in words these and the
    medium of the prompt. Each time the first medium counts, and nothing is said where one of the two is missing.
    """

    version = 1
    reads: ClassVar = ("attachments", "records", "responses")

    def __call__(
        self, attachments: pl.LazyFrame, records: pl.LazyFrame, responses: pl.LazyFrame
    ) -> dict[str, pl.DataFrame]:
        """Return `_beside`: record_id, response_id, media_id and the content_id of the words."""
        content = attachments.filter(pl.col("role") == "content").sort("target_id", "index")
        first = content.group_by("target", "target_id").agg(pl.col("media_id").first())
        of_prompts, of_answers = (
            first.filter(pl.col("target") == target).select(
                pl.col("target_id").alias(key), pl.col("media_id").alias(name)
            )
            for target, key, name in (("prompt", "record_id", "asked"), ("response", "response_id", "answered"))
        )
        told = (
            responses.select("record_id", "response_id", "text")
            .unique(["record_id", "response_id"])
            .join(records.select("record_id", prompt="prompt_text"), on="record_id")
            .join(of_prompts, on="record_id", how="left")
            .join(of_answers, on="response_id", how="left")
        )
        has_medium = pl.col("answered").is_not_null()
        paired = told.with_columns(
            media_id=pl.coalesce("answered", "asked"),
            words=pl.when(has_medium).then("prompt").otherwise("text"),
        )
        whole = paired.filter(
            pl.col("media_id").is_not_null() & (pl.col("words").fill_null("").str.strip_chars() != "")
        )
        named = whole.with_columns(content_id=_CONTENT).select("record_id", "response_id", "media_id", "content_id")
        return {"_beside": named.sort("record_id", "response_id").collect()}
