"""Tied: the records that media hold together, by what looks, sounds or means the same."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage


class TiedMedia(Stage):
    """Give the records of any two media that are linked a key that they share; masks tie nothing."""

    version = 1
    reads: ClassVar = ("_media_links", "attachments")

    def __call__(self, media_links: pl.LazyFrame, attachments: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_near_links` (record_id, key): the medium that a link was found from is the key of both sides."""
        links = media_links.select("left", "right").unique()
        ends = pl.concat([links.select(key="left", media_id=side) for side in ("left", "right")]).unique()
        held = attachments.filter(pl.col("role") == "content").select("record_id", "media_id").unique()
        tied = held.join(ends, on="media_id").select("record_id", "key").unique().sort("key", "record_id")
        return {"_near_links": tied.collect()}
