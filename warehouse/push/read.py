"""What is pushed of a snapshot: its kept pairs with what is known of their answers, and the tables beside them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from schemas.plan.push import PUSHED_PAIRS, WHOLE, Beside
from warehouse.database import Warehouse

# Texts of so many pairs are held at a time.
BATCH = 32_768
_RECORD = ["prompt_messages", "system"]


def kept_pairs(opened: Warehouse) -> pl.DataFrame:
    """Return every kept pair without its texts, and whether both of its answers are texts."""
    is_text = pl.all_horizontal(pl.col("chosen_media_id", "rejected_media_id").is_null())
    columns = ("pair_id", "record_id", "source", "dimension", "split", "license", "commercial_ok")
    return opened.pairs().select(*columns, is_text=is_text).collect()


def read_pairs(opened: Warehouse, pushed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Read the `pushed` pairs in the columns that a push has, with `split` and the places of both answers in their row.

    The order is the snapshot's, mixed within each batch.
    """
    meant_ids, pairs = pushed.select("pair_id"), opened.table("pairs")
    for start in range(0, pairs.select(pl.len()).collect().item(), BATCH):
        meant = pairs.slice(start, BATCH).filter("kept").collect().join(meant_ids, on="pair_id", how="semi")
        if meant.height:
            yield _with_records(opened, meant).sort("pair_id").select(*PUSHED_PAIRS.names, "split", *_PLACES)


_PLACES = ("chosen_index", "rejected_index")


def _with_records(opened: Warehouse, pairs: pl.DataFrame) -> pl.DataFrame:
    is_meant = pl.col("record_id").is_in(pairs["record_id"].unique().implode())
    records = opened.table("records").filter(is_meant).select("record_id", *_RECORD).collect()
    # A record may have the same response twice; the first place is the one that it was shown at.
    responses = (
        opened.table("responses")
        .filter(is_meant)
        .group_by("record_id", "response_id")
        .agg(pl.col("generator", "index").sort_by("index").first())
        .collect()
    )
    found = pairs.join(records, on="record_id", how="left").with_columns(pl.col("prompt_messages").fill_null([]))
    for side in ("chosen", "rejected"):
        named = responses.rename(
            {"response_id": f"{side}_id", "generator": f"{side}_generator", "index": f"{side}_index"}
        )
        found = found.join(named, on=["record_id", f"{side}_id"], how="left")
    return found


def read_beside(opened: Warehouse, table: Beside, pushed: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Read a further table in batches, each with its split: of pairs, judgments and rows only what `pushed` is from.

    Batches have rows, always.
    """
    scanned, wanted = opened.table(table), _wanted(opened, table, pushed)
    for start in range(0, scanned.select(pl.len()).collect().item(), BATCH):
        batch = scanned.slice(start, BATCH).collect()
        if wanted is None:
            if batch.height:
                yield WHOLE, batch
            continue
        for (split,), group in (
            batch.join(wanted, on=wanted.columns[0]).partition_by("split", as_dict=True, include_key=False).items()
        ):
            yield str(split), group


def _wanted(opened: Warehouse, table: Beside, pushed: pl.DataFrame) -> pl.DataFrame | None:
    """Return the ids of a table's wanted rows, each with its split; nothing if all rows are wanted."""
    if table == "metrics":
        return pushed.select("pair_id", "split")
    records = pushed.select("record_id", "split").unique("record_id")
    if table == "comparisons":
        return records
    if table == "rows":
        fed = opened.table("records").select("record_id", row_id="row_ids").explode("row_id").collect()
        return fed.join(records, on="record_id").select("row_id", split=pl.lit(WHOLE)).unique()
    return None
