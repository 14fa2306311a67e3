"""Row ids and occurrence numbers: equal rows of a source are told apart by how many came before, in any file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from schemas.identity import digest
from tasks.ingest.rows.jsontext import canonical
from tasks.ingest.rows.paths import MISSING


def row_keys(
    source: str, texts: Sequence[str], native: Sequence[Any], repeats: Mapping[str, int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Name rows by their canonical `texts`, and by their `native` keys where they have one.

    Returns `row_id, row_digest, source_key, record_key, occurrence` for each row, and how often each digest was seen.
    `repeats` says how often each digest was seen earlier in the source.
    """
    names = pl.Series("source_key", [_name(key) for key in native], dtype=pl.String)
    frame = pl.DataFrame([names, pl.Series("text", texts, dtype=pl.String)])
    frame = frame.select("source_key", row_digest=digest("text"))
    frame = frame.with_columns(_occurrence(frame["row_digest"], repeats))
    frame = frame.with_columns(
        row_id=digest(pl.lit("row"), pl.lit(source), "row_digest", "occurrence"),
        record_key=pl.coalesce("source_key", "row_digest"),
    )
    seen = [frame["row_digest"]]
    if names.null_count() < len(names):
        has_key = pl.col("source_key").is_not_null()
        keyed = pl.when(has_key).then(digest(pl.lit("key"), "source_key")).otherwise("row_digest")
        by_key = frame.select(keyed.alias("row_digest")).to_series()
        frame = frame.with_columns(_occurrence(by_key, repeats))
        seen.append(by_key.filter(names.is_not_null()))
    return frame, pl.concat(seen).to_frame().group_by("row_digest", maintain_order=True).len("n")


def _occurrence(digests: pl.Series, repeats: Mapping[str, int]) -> pl.Series:
    """Number equal digests from 0, or from as many as came earlier."""
    numbers = pl.zeros(len(digests), pl.Int64, eager=True)
    if not digests.is_unique().all():
        numbers = digests.to_frame().select(pl.int_range(pl.len(), dtype=pl.Int64).over(digests.name)).to_series()
    if repeats:
        numbers = numbers + pl.Series([repeats.get(each, 0) for each in digests.to_list()], dtype=pl.Int64)
    return numbers.alias("occurrence")


def _name(key: Any) -> str | None:
    if key is None or key is MISSING or key == "":
        return None
    return key if isinstance(key, str) else canonical(key)
