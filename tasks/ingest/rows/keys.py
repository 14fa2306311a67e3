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
    names = [_name(key) for key in native]
    frame = pl.DataFrame(
        {"text": list(texts), "source_key": names}, schema={"text": pl.String, "source_key": pl.String}
    )
    frame = frame.select("source_key", row_digest=digest("text"))
    counted = _occurrence(frame["row_digest"], repeats)
    frame = frame.with_columns(row_id=digest(pl.lit("row"), pl.lit(source), pl.col("row_digest"), counted))
    seen = [frame["row_digest"]]
    if frame["source_key"].null_count() == len(frame):
        frame = frame.with_columns(pl.col("row_digest").alias("record_key"), counted.alias("occurrence"))
    else:
        keyed = pl.when(pl.col("source_key").is_not_null()).then(digest(pl.lit("key"), pl.col("source_key")))
        by_key = frame.select(keyed.otherwise("row_digest").alias("row_digest"))["row_digest"]
        frame = frame.with_columns(
            pl.coalesce("source_key", "row_digest").alias("record_key"),
            _occurrence(by_key, repeats).alias("occurrence"),
        )
        seen.append(by_key.filter(frame["source_key"].is_not_null()))
    return frame, pl.concat(seen).to_frame().group_by("row_digest", maintain_order=True).len("n")


def _occurrence(digests: pl.Series, repeats: Mapping[str, int]) -> pl.Series:
    """Number equal digests from 0, or from as many as came earlier."""
    numbers = pl.zeros(len(digests), pl.Int64, eager=True)
    if not digests.is_unique().all():
        numbers = digests.to_frame().select(pl.int_range(pl.len(), dtype=pl.Int64).over(digests.name)).to_series()
    if repeats:
        numbers = numbers + digests.replace_strict(dict(repeats), default=0, return_dtype=pl.Int64)
    return numbers.alias("occurrence")


def _name(key: Any) -> str | None:
    if key is None or key is MISSING or key == "":
        return None
    return key if isinstance(key, str) else canonical(key)
