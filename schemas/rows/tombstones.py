"""Tombstones: what remains of rows that somebody had taken down. They hold digests and no content."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from schemas.identity import digest

# `kind` says what `digest` is: that of a row's content (row), of a source's own key (key), the pseudonym of a person
# (annotator), or an id that is remembered so that questions about it have an answer (record, medium).
TOMBSTONES = pl.Schema(
    {
        "kind": pl.String,
        "digest": pl.String,
        "source": pl.String,
        "file": pl.String,
        "row_id": pl.String,
        "reason": pl.String,
        "asked_by": pl.String,
        "at": pl.String,
    }
)


class Forgotten(NamedTuple):
    """What a source must not bring back: rows by id or content, rows by key, and whatever names a person."""

    rows: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


def row_tombstone(source: str, row_digest: str) -> pl.Expr:
    """Digest the column `row_digest` so that a row of `source` is known again, however often it occurs."""
    return digest(pl.lit("forgotten row"), pl.lit(source), row_digest)


def key_tombstone(source: str | pl.Expr, source_key: str | pl.Expr) -> pl.Expr:
    """Digest the key that a source itself gives its rows."""
    named = pl.lit(source) if isinstance(source, str) else source
    return digest(pl.lit("forgotten key"), named, source_key)
