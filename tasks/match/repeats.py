"""Rows that occur again in a later shard of the same source."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage


class Repeats(Stage):
    """Count, for every row of a shard that earlier shards hold too, how often they do.

    Equal rows of a source are told apart by their occurrence alone, which must not depend on how the source is cut
    into files. `shards` are the shards' names in the plan's order; `_digests` names them in the column `shard`.
    """

    reads: ClassVar = ("_digests",)
    shards: list[str]

    def __call__(self, digests: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_repeats` (shard, row_digest, earlier)."""
        order = pl.DataFrame({"shard": self.shards}).with_row_index("at").lazy()
        again = digests.filter(pl.col("row_digest").is_duplicated())
        counted = (
            again.join(order, on="shard")
            .sort("at")
            .with_columns(earlier=pl.col("n").cum_sum().over("row_digest") - pl.col("n"))
        )
        repeats = counted.filter(pl.col("earlier") > 0).select("shard", "row_digest", "earlier")
        return {"_repeats": repeats.sort("shard", "row_digest").collect()}
