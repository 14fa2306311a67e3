"""Ids: 32 hexadecimal digits of a BLAKE3 digest of canonical content, the same on every machine.

Parts are joined by an ASCII unit separator, which no id and no name contains; a null part counts as an empty one.
"""

from __future__ import annotations

import polars as pl
import polars_hash  # noqa: F401  (registers the `chash` name space on polars expressions)

SEPARATOR = "\x1f"
DIGITS = 32


def digest(*parts: str | pl.Expr) -> pl.Expr:
    """Digest the `parts` of each row into an id. A string names a column; give a literal as `pl.lit`."""
    columns = [pl.col(part) if isinstance(part, str) else part for part in parts]
    joined = pl.concat_str([column.cast(pl.String).fill_null("") for column in columns], separator=SEPARATOR)
    hashed: pl.Expr = joined.chash.blake3()  # type: ignore[attr-defined]
    return hashed.str.slice(0, DIGITS)


def digest_text(*parts: str) -> str:
    """Digest a few known strings: the same id that `digest` gives for a row of them."""
    return str(pl.select(digest(*[pl.lit(part) for part in parts])).item())
