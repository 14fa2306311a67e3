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

    version = 4
    reads: ClassVar = ("_chosen", "records", "responses", "_fates", "_model_fates")
    shard: str
    content: str

    def __call__(
        self,
        chosen: pl.LazyFrame,
        records: pl.LazyFrame,
        responses: pl.LazyFrame,
        fates: pl.LazyFrame | None = None,
        model_fates: pl.LazyFrame | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Return `pairs`.

        `fates` (pair_id, near) and `model_fates` (pair_id, model_reason, model_rule) give chosen pairs a reason after
        all.
        """
        about = records.select(
            "record_id", "source", "task", "modality", "language", "license", "commercial_ok", prompt="prompt_text"
        )
        answers = responses.select("response_id", "text", "media_id").filter(pl.col("response_id").is_first_distinct())
        own = chosen.filter(pl.col("shard") == self.shard)
        if fates is not None:
            own = own.join(fates.select("pair_id", "near"), on="pair_id", how="left").with_columns(
                reason=pl.coalesce("reason", "near")
            )
        if model_fates is not None:
            said = model_fates.select("pair_id", "model_reason", "model_rule")
            own = own.join(said, on="pair_id", how="left").with_columns(
                reason=pl.coalesce("reason", "model_reason"), rule=pl.coalesce("rule", "model_rule")
            )
        kept = pl.col("reason").is_null()
        pairs = (
            own.with_columns(kept=kept, split=pl.when(kept).then("split"))
            .drop("source")
            .rename({"license": "merged_license", "commercial_ok": "merged_ok"})
            .join(about, on="record_id")
            .with_columns(
                license=pl.coalesce("merged_license", "license"),
                commercial_ok=pl.coalesce("merged_ok", "commercial_ok"),
            )
        )
        for side in ("chosen", "rejected"):
            pairs = pairs.join(
                answers.rename({"text": side, "media_id": f"{side}_media_id"}),
                left_on=f"{side}_id",
                right_on="response_id",
            )
        return {"pairs": pairs.select(DERIVED["pairs"].names).collect()}
