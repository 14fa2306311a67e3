"""Connected components of records that share a key, by label propagation on arrays."""

from __future__ import annotations

import numpy as np
import polars as pl


def components(links: pl.DataFrame) -> pl.DataFrame:
    """Label each `record_id` with the smallest record id that it is tied to through shared `key`s.

    `links` has one row per record and key; every record needs at least one. Returns record_id and root. The answer
    does not depend on the order of the rows.
    """
    if links.is_empty():
        return pl.DataFrame(schema={"record_id": pl.String, "root": pl.String})
    records = links.select(pl.col("record_id").unique().sort())["record_id"]
    keys = links.select(pl.col("key").unique())["key"]
    record = _codes(links["record_id"], records)
    key = _codes(links["key"], keys)
    label = _propagate(record, key, len(records), len(keys))
    return pl.DataFrame({"record_id": records, "root": records.gather(pl.Series(label))})


def _codes(values: pl.Series, known: pl.Series) -> np.ndarray:
    numbered = known.to_frame("value").with_row_index("code")
    return values.to_frame("value").join(numbered, on="value", how="left", maintain_order="left")["code"].to_numpy()


def _propagate(record: np.ndarray, key: np.ndarray, records: int, keys: int) -> np.ndarray:
    """Send the smallest label back and forth between records and keys until nothing changes."""
    label = np.arange(records)
    while True:
        of_key = np.full(keys, records)
        np.minimum.at(of_key, key, label[record])
        new = label.copy()
        np.minimum.at(new, record, of_key[key])
        # A label is a record's number, so a label of a label is nearer to the end of a long chain.
        new = np.minimum(new, new[new])
        if np.array_equal(new, label):
            return label
        label = new
