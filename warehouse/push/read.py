"""What is pushed of a snapshot: its kept pairs with what is known of their answers, and the tables beside them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from schemas.attached import PLACES, lacks_bytes, with_kinds
from schemas.plan.push import PUSHED_PAIRS, WHOLE, Beside
from warehouse.database import Warehouse
from warehouse.export.media import has_attachments, with_media

# Texts of so many pairs are held at a time.
BATCH = 32_768
_RECORD = ["prompt_messages", "system"]


def kept_pairs(opened: Warehouse) -> pl.DataFrame:
    """Return every kept pair without its texts and media.

    `prompt_kinds`, `chosen_kinds` and `rejected_kinds` have a letter for each of its media, and `is_whole` tells
    whether all of them are there.
    """
    columns = ("pair_id", "record_id", "source", "dimension", "task", "split", "license", "commercial_ok")
    kept = opened.pairs().select(*columns, "chosen_id", "rejected_id").collect()
    if not has_attachments(opened):
        kinds = [pl.lit("").alias(f"{place}_kinds") for place in PLACES]
        return kept.select(*columns, *kinds, is_whole=True)
    parts = [kept.slice(start, BATCH) for start in range(0, max(kept.height, 1), BATCH)]
    seen = [with_kinds(with_media(opened, part)).with_columns(is_whole=~lacks_bytes(*PLACES)) for part in parts]
    return pl.concat([part.select(*columns, *(f"{place}_kinds" for place in PLACES), "is_whole") for part in seen])


def read_pairs(opened: Warehouse, pushed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Read the `pushed` pairs in the columns that a push has, with `split`, the places of both answers, and media.

    The order is the snapshot's, mixed within each batch.
    """
    meant_ids, pairs = pushed.select("pair_id"), opened.table("pairs")
    for start in range(0, pairs.select(pl.len()).collect().item(), BATCH):
        meant = pairs.slice(start, BATCH).filter("kept").collect().join(meant_ids, on="pair_id", how="semi")
        if meant.height:
            found = with_media(opened, _with_records(opened, meant)).sort("pair_id")
            yield found.select(*PUSHED_PAIRS.names, "split", *_INDEXES, *_MEDIA)


_INDEXES = ("chosen_index", "rejected_index")
_MEDIA = tuple(f"{place}_media" for place in PLACES)


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
