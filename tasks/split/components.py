"""Connected components of records that share a key, by label propagation on arrays."""

from __future__ import annotations

import numpy as np
import polars as pl


def components(links: pl.DataFrame) -> pl.DataFrame:
    """Label each record that shares a key with another by the smallest record that it is tied to in that way.

    `links` has one row per `record` and `key`. Returns record and root; records without ties, nearly all, are
    left out: each is a component by itself. The answer does not depend on the order of the rows.
    """
    ties = links.filter(pl.col("key").is_duplicated())
    tied = ties["record"].unique().sort()
    keys = ties["key"].unique()
    label = _propagate(_codes(ties["record"], tied), _codes(ties["key"], keys), len(tied), len(keys))
    return pl.DataFrame({"record": tied, "root": tied.gather(pl.Series(label, dtype=pl.UInt32))})


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
