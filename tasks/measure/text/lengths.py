"""How long a text is."""

from __future__ import annotations

import polars as pl

_WORD = r"[\p{L}\p{N}]+"


def chars(text: pl.Expr) -> pl.Expr:
    """Count Unicode characters."""
    return text.str.len_chars().cast(pl.Int64)


def words(text: pl.Expr) -> pl.Expr:
    """Count runs of letters or digits."""
    return text.str.count_matches(_WORD).cast(pl.Int64)


def lines(text: pl.Expr) -> pl.Expr:
    """Count lines: line breaks plus one, or none in an empty text."""
    breaks = text.str.count_matches("\n", literal=True)
    return pl.when(text.str.len_bytes() == 0).then(0).otherwise(breaks + 1).cast(pl.Int64)
