"""Which kept pairs cannot be passed on, and why."""

from __future__ import annotations

import polars as pl

from schemas.licenses import forbidden, refusal
from schemas.reasons import Reason


def settle_terms(kept: pl.DataFrame, *, allow_unknown: bool) -> pl.DataFrame:
    """Give each kept pair a `reason` if it cannot be passed on, null if it can. The rows stay in their order."""
    known = kept.join(_known(kept["license"]), on="license", how="left", nulls_equal=True, maintain_order="left")
    is_refused = pl.col("refusal").is_not_null()
    if allow_unknown:
        is_refused &= pl.col("refusal") != Reason.license_unknown.value
    return known.with_columns(
        reason=pl.when(is_refused)
        .then("refusal")
        .when(~pl.col("is_whole"))
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
    refused = [refusal(name) for name in distinct]
    return pl.DataFrame(
        {"license": distinct, "refusal": refused}, schema=dict.fromkeys(("license", "refusal"), pl.String)
    )
