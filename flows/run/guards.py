"""Guards: when a run must not be published, because it dropped more than anybody would expect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from schemas.errors import BrokenPromise
from schemas.plan.curation import Guards
from warehouse.store import Receipt, Store

_MERGED = ("merged_exact", "merged_normalised")
_MOST_REASONS = 4


def check_guards(guards: Guards, store: Store, receipts: Sequence[Receipt]) -> None:
    """Raise BrokenPromise, with the numbers and reasons, if the pairs break a guard.

    Merged copies do not count as dropped. A source of which no row could be read has lost everything.
    """
    if guards.max_drop_per_source is None and guards.min_kept is None:
        return
    keys = [receipt.key for receipt in receipts]
    fates = store.scan(keys, "pairs").group_by("source", "kept", "reason", "rule").agg(pairs=pl.len()).collect()
    broken = [*_lossy_sources(guards, fates), *_unread_sources(guards, store, keys), *_too_few(guards, fates)]
    if broken:
        advice = "correct the source, the mapping or the rule that costs most, or change `guards` in the plan"
        raise BrokenPromise("\n".join(["nothing was published:", *[f"  {each}" for each in broken], f"  {advice}"]))


def _lossy_sources(guards: Guards, fates: pl.DataFrame) -> Iterator[str]:
    if guards.max_drop_per_source is None:
        return
    for (source,), own in sorted(fates.group_by("source"), key=lambda each: str(each[0])):
        lost, pairs = _lost(own), int(own["pairs"].sum())
        dropped = int(lost["pairs"].sum())
        if dropped > guards.max_drop_per_source * pairs:
            yield (
                f"source {source} loses {dropped:,} of {pairs:,} pairs, more than the share of "
                f"{guards.max_drop_per_source:g} that guards.max_drop_per_source allows: {_reasons(lost)}"
            )


def _unread_sources(guards: Guards, store: Store, keys: Sequence[str]) -> Iterator[str]:
    """Name the sources whose rows are all in quarantine: they have no pair that could be counted as lost."""
    if guards.max_drop_per_source is None or guards.max_drop_per_source >= 1.0:
        return
    fates = store.scan(keys, "rows").group_by("source").agg(
        mapped=(pl.col("fate") == "mapped").sum(), bad=(pl.col("fate") == "quarantined").sum()
    )  # fmt: skip
    for source, bad in (
        fates.filter(mapped=0).filter(pl.col("bad") > 0).sort("source").collect()["source", "bad"].rows()
    ):
        reasons = store.scan(keys, "quarantine").filter(source=source).group_by("reason").agg(pairs=pl.len()).collect()
        yield (
            f"source {source}: none of its {bad:,} rows could be mapped, and guards.max_drop_per_source allows the "
            f"share of {guards.max_drop_per_source:g}: {_reasons(reasons)}"
        )


def _too_few(guards: Guards, fates: pl.DataFrame) -> Iterator[str]:
    kept = int(fates.filter("kept")["pairs"].sum())
    if guards.min_kept is not None and kept < guards.min_kept:
        why = _reasons(_lost(fates)) or "no pair was dropped"
        yield f"{kept:,} pairs are kept, fewer than the {guards.min_kept:,} of guards.min_kept: {why}"


def _lost(fates: pl.DataFrame) -> pl.DataFrame:
    return fates.filter(~pl.col("kept") & ~pl.col("reason").is_in(_MERGED))


def _reasons(lost: pl.DataFrame) -> str:
    """Name what costs most."""
    name = pl.concat_str(["reason", *(["rule"] if "rule" in lost.columns else [])], separator=" ", ignore_nulls=True)
    counted = lost.group_by(name=name).agg(pl.col("pairs").sum()).sort(-pl.col("pairs").cast(pl.Int64), "name")
    return ", ".join(f"{pairs:,} {reason}" for reason, pairs in counted.head(_MOST_REASONS).iter_rows())
