"""Stored tables read a slice at a time, so that memory grows with what is wanted of them and not with their size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

ROWS: Final = 1 << 18


def in_slices(table: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Read `table`, of which columns may be selected but no rows, slice by slice; an empty one has one empty slice."""
    rows = table.select(pl.len()).collect().item()
    for at in range(0, max(rows, 1), ROWS):
        yield table.slice(at, ROWS).collect()


def rows_of(table: pl.LazyFrame, column: str, wanted: pl.Series | None, explode: Sequence[str] = ()) -> pl.DataFrame:
    """Read the rows of `table` whose `column` is wanted, in their order; all of them if nothing is said to be wanted.

    Each element of the lists in the columns `explode` is a row of its own.
    """
    known = None if wanted is None else wanted.alias(column).to_frame().unique()
    found = []
    for part in in_slices(table):
        rows = part.explode(explode, empty_as_null=False, keep_nulls=False) if explode else part
        found.append(rows if known is None else compact(rows.join(known, on=column, how="semi", maintain_order="left")))
    return pl.concat(found)


def compact(rows: pl.DataFrame) -> pl.DataFrame:
    """Copy the texts: those of a filtered frame hold on to all the texts that they were filtered from."""
    return pl.DataFrame(rows.to_arrow(compat_level=pl.CompatLevel.oldest()), schema=rows.schema)
