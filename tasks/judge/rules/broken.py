"""Pairs with a picture, a sound or a video that nobody can see or hear."""

from __future__ import annotations

from typing import ClassVar, Final

import polars as pl

from schemas.reasons import Reason
from schemas.stage import Stage
from tasks.judge.evidence import as_decisions

BROKEN: Final = pl.Schema({"record_id": pl.String, "media_id": pl.String, "error": pl.String, "response_id": pl.String})


class BrokenMedia(Stage):
    """Name the prompts and responses that a broken medium stands in; masks count as well."""

    version = 1
    reads: ClassVar = ("attachments", "media")

    def __call__(self, attachments: pl.LazyFrame, media: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_broken`: record_id and response_id, which is null for a prompt, with the medium and its error."""
        wrong = media.filter(pl.col("error").is_not_null()).select("media_id", "error")
        told = attachments.join(wrong, on="media_id").select(
            "record_id",
            "media_id",
            "error",
            response_id=pl.when(pl.col("target") == "response").then("target_id"),
        )
        return {
            "_broken": told.sort("record_id", "response_id", "media_id")
            .unique(["record_id", "response_id"], keep="first")
            .collect()
        }


def drop_broken(pairs: pl.DataFrame, broken: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give open pairs with a broken medium their reason; return the pairs, and the decisions about these."""
    asked = broken.filter(pl.col("response_id").is_null()).select("record_id", "media_id", "error")
    answered = broken.drop_nulls("response_id")
    hits = [pairs.select("pair_id", "record_id", "reason").join(asked, on="record_id")]
    for side in ("chosen_id", "rejected_id"):
        known = pairs.select("pair_id", "record_id", "reason", response_id=side)
        hits.append(known.join(answered, on=["record_id", "response_id"]))
    found = pl.concat([hit.select("pair_id", "reason", "media_id", "error") for hit in hits])
    first = found.filter(pl.col("reason").is_null()).sort("pair_id", "media_id").unique("pair_id", keep="first")
    reason = Reason.unreadable_media.value
    decisions = as_decisions(
        first.sort("pair_id").select(
            subject_id="pair_id",
            subject=pl.lit("pair"),
            stage=pl.lit("rules"),
            action=pl.lit("drop"),
            reason=pl.lit(reason),
            rule=pl.lit(reason),
            value="error",
            partner_id="media_id",
        )
    )
    told = pairs.join(first.select("pair_id", broken=pl.lit(reason)), on="pair_id", how="left", maintain_order="left")
    return told.with_columns(reason=pl.coalesce("reason", "broken")).drop("broken"), decisions
