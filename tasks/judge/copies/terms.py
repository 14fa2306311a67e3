"""Under which licence a merged pair stands: the strictest of all that went into it."""

from __future__ import annotations

import polars as pl

from schemas.licenses import forbidden, strictness
from schemas.reasons import Reason

# A name of its own that nobody knows outranks all that are known, except those that forbid.
_OWN_UNKNOWN = 1_000
_FORBIDDEN = 2_000


def strictest_terms(merged: pl.DataFrame, records: pl.LazyFrame) -> pl.DataFrame:
    """Return `license` and `commercial_ok` of each pair of `merged` that carries others.

    `merged` (pair_id, record_id, carrier, merged) says which pairs became part of a carrier, by their reason.

    The licence is the strictest among its own and theirs; a licence of theirs that nobody knows does not count, its own
    does. Commercial use is ruled out if one of them rules it out.
    """
    went_into = _IS_OWN | pl.col("merged").is_in([Reason.merged_exact.value, Reason.merged_normalised.value])
    into = merged.filter(went_into).select("record_id", "carrier", is_own=_IS_OWN)
    carrying = into.filter(pl.col("carrier").is_duplicated())
    terms = records.select("record_id", "license", "commercial_ok").join(
        carrying.select("record_id").unique().lazy(), on="record_id", how="semi"
    )
    named = carrying.join(terms.collect(), on="record_id")
    ranked = named.join(_ranks(named["license"]), on="license", nulls_equal=True).with_columns(
        rank=pl.when(pl.col("is_own") & (pl.col("rank") == 0)).then(_OWN_UNKNOWN).otherwise("rank")
    )
    return (
        ranked.sort("rank", "is_own", "license", descending=True)
        .group_by(pair_id="carrier")
        .agg(
            pl.col("license").first(),
            commercial_ok=pl.when((~pl.col("commercial_ok")).any())
            .then(pl.lit(value=False))
            .otherwise(pl.col("commercial_ok").first()),
        )
    )


_IS_OWN = pl.col("pair_id") == pl.col("carrier")


def _ranks(names: pl.Series) -> pl.DataFrame:
    distinct = names.unique().to_list()
    ranks = [_FORBIDDEN if forbidden(name) else strictness(name) for name in distinct]
    return pl.DataFrame({"license": distinct, "rank": ranks}, schema={"license": pl.String, "rank": pl.Int64})
