"""Under which licence each kept pair is passed on, and which pairs cannot be."""

from __future__ import annotations

import polars as pl

from schemas.licenses import forbidden, refusal, strictness
from schemas.reasons import Reason

# A licence of its own that nobody knows outranks all that are known, except those that forbid.
_OWN_UNKNOWN = 1_000
_FORBIDDEN = 2_000


def settle_terms(kept: pl.DataFrame, merged: pl.DataFrame, *, allow_unknown: bool) -> pl.DataFrame:
    """Give each kept pair the strictest licence of all that went into it, and a `reason` if it cannot be passed on.

    `merged` names, by `pair_id` of the carrier, the licences of the pairs whose votes it carries. The rows stay in
    their order.
    """
    own = kept.select("pair_id", "license", "commercial_ok", is_own=pl.lit(value=True))
    carried = merged.filter(pl.col("pair_id").is_in(kept["pair_id"].implode()))
    named = pl.concat([own, carried.select("pair_id", "license", "commercial_ok", is_own=pl.lit(value=False))])
    ranked = named.join(_known(named["license"]), on="license", nulls_equal=True).with_columns(
        rank=pl.when(pl.col("is_own") & (pl.col("rank") == 0)).then(_OWN_UNKNOWN).otherwise("rank")
    )
    strictest = (
        ranked.sort("rank", "is_own", descending=True, maintain_order=True)
        .group_by("pair_id", maintain_order=True)
        .agg(
            pl.col("license", "refusal").first(),
            commercial_ok=pl.when((~pl.col("commercial_ok")).any())
            .then(pl.lit(value=False))
            .otherwise(pl.col("commercial_ok").first()),
        )
    )
    known = kept.drop("license", "commercial_ok").join(strictest, on="pair_id", maintain_order="left")
    is_refused = pl.col("refusal").is_not_null()
    if allow_unknown:
        is_refused &= pl.col("refusal") != Reason.license_unknown.value
    return known.with_columns(
        reason=pl.when(is_refused)
        .then("refusal")
        .when(~pl.col("is_text"))
        .then(pl.lit(Reason.media_withheld.value))
        .otherwise(None)
    ).drop("refusal")


def refusals(judged: pl.DataFrame) -> pl.DataFrame:
    """Count the pairs whose licence does not allow a push, by source and licence, the largest number first."""
    refused = judged.filter(pl.col("reason").is_in([Reason.license_forbids.value, Reason.license_unknown.value]))
    return (
        refused.group_by("source", "license", "reason")
        .agg(pairs=pl.len())
        .sort("pairs", "source", "license", descending=[True, False, False])
    )


def told(refused: pl.DataFrame) -> list[str]:
    """Say in a line each how many pairs of which source cannot be passed on, and why."""
    lines = []
    for source, license_, reason, pairs in refused.iter_rows():
        why = forbidden(license_)
        sentence = why.sentence if why else Reason(reason).sentence
        lines.append(f"{source}: {pairs:,} pairs under {license_ or 'no licence'}. {sentence}")
    return lines


def _known(names: pl.Series) -> pl.DataFrame:
    distinct = names.unique().to_list()
    ranks = [_FORBIDDEN if forbidden(name) else strictness(name) for name in distinct]
    return pl.DataFrame(
        {"license": distinct, "rank": ranks, "refusal": [refusal(name) for name in distinct]},
        schema={"license": pl.String, "rank": pl.Int64, "refusal": pl.String},
    )
