"""What a training could not use, and why."""

from __future__ import annotations

import polars as pl

from flows.report.parts import Figure, Row, Table
from flows.report.wording import name
from training.evaluate.left_out import METRIC


def left_out(kind: str, told: pl.DataFrame) -> list[Figure]:
    """Show how many were left out for which reason, or nothing if none was."""
    found = told.filter(pl.col("metric") == METRIC).sort("n", "bin", descending=[True, False])
    rows: list[Row] = [[name(row["bin"]), f"{row['n']:,}"] for row in found.iter_rows(named=True)]
    if not rows:
        return []
    says = "Neither learnt from nor judged, because the model has no vector of them or was told not to look."
    return [Figure(f"{kind}: what was left out", says, table=Table(["because", "number"], rows))]
