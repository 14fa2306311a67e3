"""Stars of media: what is linked to one medium, around it, without chains."""

from __future__ import annotations

import polars as pl


def media_stars(links: pl.DataFrame, method: str) -> pl.DataFrame:
    """Make each medium that is the first of two a centre, with a row of its own, and the other one its leaf.

    `links` are left, right, key and score; returns rows of `clusters`. Everything in a star is like its centre.
    """
    leaves = links.select("key", "score", cluster_id="left", subject_id="right", partner_id="left")
    centres = leaves.unique(["key", "cluster_id"]).select(
        "key", "cluster_id", subject_id="cluster_id", partner_id=pl.lit(None, pl.String), score=pl.lit(1.0)
    )
    rows = pl.concat([centres, leaves.select(centres.columns)]).sort("key", "cluster_id", "subject_id")
    return rows.select(pl.lit("media").alias("subject"), "key", pl.lit(method).alias("method"), *centres.columns[1:])
