"""What has been decided about each shard's pairs, as a digest."""

from __future__ import annotations

import polars as pl


def digest_slices(decided: pl.DataFrame) -> pl.DataFrame:
    """Digest what is said about each shard's pairs: a shard with the digest of an earlier run need not be written.

    Returns shard and content. The order of the rows does not matter. Another version of polars hashes otherwise; then
    the shards are written once more, with the same rows.
    """
    said = decided.select("shard", row=pl.struct(pl.exclude("shard")).hash())
    sums = said.group_by("shard").agg(pairs=pl.len(), total=pl.col("row").sum()).sort("shard")
    return sums.select("shard", content=pl.concat_str("pairs", "total", separator="-"))
