"""Describe: the tables that say what each medium of a run is."""

from __future__ import annotations

from typing import ClassVar, Final

import polars as pl

from schemas.stage import Stage
from schemas.tables import DERIVED, FACTS

_MEDIA: Final = pl.Schema(FACTS["media"])
_METRICS: Final = pl.Schema(DERIVED["media_metrics"])
# What a look at the bytes says of a medium; where it lies and what it is called is known from the rows.
LOOKED: Final = pl.Schema(
    {name: kind for name, kind in _MEDIA.items() if name not in ("sha256", "source_path")} | dict(_METRICS)
)
_UNREAD: Final = "only named: say under media.root where the media lie that rows do not hold"


class DescribeMedia(Stage):
    """Put together what rows say of media and what a look at their bytes said: one row for each medium.

    `look` names the way in which the bytes were looked at. A medium that nobody looked for has neither bytes nor an
    error; one that was looked for in vain has the error.
    """

    version = 1
    look: str
    reads: ClassVar = ("_blobs", "_looked")

    def __call__(self, blobs: pl.LazyFrame, looked: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `media` and `media_metrics`."""
        named = (
            blobs.group_by("media_id")
            .agg(
                pl.col("sha256", "bytes", "modality", "error").drop_nulls().min(),
                source_path=pl.col("reference").min(),
            )
            .collect()
        )
        known = looked.unique("media_id").collect()
        seen = named.join(known, on="media_id", how="left", suffix="_looked")
        is_unread = pl.col("sha256").is_null() & pl.col("error").is_null()
        media = seen.with_columns(
            *[pl.coalesce(f"{name}_looked", name).alias(name) for name in ("bytes", "modality", "error")],
            note=pl.when(is_unread).then(pl.lit(_UNREAD)).otherwise("note"),
        )
        return {
            "media": media.select(_MEDIA.names()).sort("media_id"),
            "media_metrics": known.join(named, on="media_id", how="semi").select(_METRICS.names()).sort("media_id"),
        }
