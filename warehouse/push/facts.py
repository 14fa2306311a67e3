"""What a dataset card tells of a snapshot beyond its pairs."""

from __future__ import annotations

import polars as pl

from warehouse.database import Warehouse

_LOST = """
    select 'row' as subject, reason, null as rule, count(*) as n
    from (select row_id, min(reason) as reason from quarantine group by row_id) group by reason
    union all
    select 'record', reason, null, count(*) from decisions where subject = 'record' group by reason
    union all
    select 'pair', reason, rule, count(*) from pairs where not kept group by reason, rule"""


def count_lost(opened: Warehouse) -> pl.DataFrame:
    """Count the rows, records and pairs that were not kept, by reason: `subject`, `reason`, `rule`, `n`."""
    order = pl.col("subject").replace_strict({"row": 0, "record": 1, "pair": 2})
    found = opened.sql(_LOST).cast({"rule": pl.String, "n": pl.Int64})
    return found.sort(order, -pl.col("n"), "reason", "rule", nulls_last=True)
