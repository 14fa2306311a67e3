"""Frames with exactly the columns of their table."""

from __future__ import annotations

from typing import Final

import polars as pl

from schemas.tables import FACTS

SCHEMAS: Final = {table: pl.Schema(schema) for table, schema in FACTS.items()}


def fitted(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Give `frame` exactly the columns of `table`, in order; those it lacks are null."""
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in SCHEMAS[table].items()
    )
