"""Guards: when a run must not be published, because it dropped more than anybody would expect."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.errors import BrokenPromise
from schemas.plan import Guards
from warehouse.store import Receipt, Store

_MERGED = ("merged_exact", "merged_normalised")


def check_guards(guards: Guards, store: Store, receipts: Sequence[Receipt]) -> None:
    """Raise BrokenPromise, with the numbers, if the pairs break a guard. Merged copies do not count as dropped."""
    if guards.max_drop_per_source is None and guards.min_kept is None:
        return
    keys = [receipt.key for receipt in receipts]
    is_lost = ~pl.col("kept") & ~pl.col("reason").is_in(_MERGED)
    counted = (
        store.scan(keys, "pairs")
        .group_by("source")
        .agg(pairs=pl.len(), kept=pl.col("kept").sum(), lost=is_lost.sum())
        .sort("source")
        .collect()
    )
    broken = [
        f"source {row['source']} loses {row['lost']:,} of {row['pairs']:,} pairs, more than the share of "
        f"{guards.max_drop_per_source:g} that guards.max_drop_per_source allows"
        for row in counted.to_dicts()
        if guards.max_drop_per_source is not None and row["lost"] > guards.max_drop_per_source * row["pairs"]
    ]
    kept = int(counted["kept"].sum())
    if guards.min_kept is not None and kept < guards.min_kept:
        broken.append(f"{kept:,} pairs are kept, fewer than the {guards.min_kept:,} of guards.min_kept")
    if broken:
        raise BrokenPromise("\n".join(["nothing was published:", *[f"  {each}" for each in broken]]))
