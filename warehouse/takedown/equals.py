"""Equal rows: rows of a source with the same content have different ids, and go together."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from schemas.identity import digest
from schemas.rows.tombstones import row_tombstone
from warehouse.store import Store, Written, scan_files
from warehouse.takedown.provenance import key_of
from warehouse.takedown.purge import DIGESTS, read_receipts

PLACED = pl.Schema({"row_id": pl.String, "source": pl.String, "file": pl.String})


def placed_rows(store: Store, files: Mapping[str, Written]) -> pl.LazyFrame:
    """List where every row stands that is not blank."""
    known = scan_files(store.home, "rows", [file for file in files.values() if file.table == "rows"])
    return known.filter(pl.col("fate") != "blank").select(PLACED.names()).unique()


def with_equals(store: Store, files: Mapping[str, Written], row_ids: pl.Series) -> pl.DataFrame:
    """Return the rows of these ids and those of equal content, with their place and `digest`, null if not known."""
    placed = placed_rows(store, files)
    named = placed.filter(pl.col("row_id").is_in(row_ids.implode())).collect()
    found = []
    for (source,), rows in named.group_by("source", maintain_order=True):
        known = _numbered(store, files, str(source))
        alike = known.filter(pl.col("row_id").is_in(rows["row_id"].implode()))["digest"].unique()
        equal = known.filter(pl.col("digest").is_in(alike.implode()))
        wanted = pl.concat([equal, rows.select("row_id", digest=pl.lit(None, pl.String))]).unique(
            "row_id", keep="first"
        )
        found.append(placed.filter(source=source).join(wanted.lazy(), on="row_id").collect())
    return pl.concat(found) if found else pl.DataFrame(schema={**PLACED, "digest": pl.String})


def _numbered(store: Store, files: Mapping[str, Written], source: str) -> pl.DataFrame:
    """List the ids that the rows of `source` have, by the tombstone of their content: one for each occurrence."""
    receipts = read_receipts(store.home)
    of_source = [
        key_of(file.path)
        for file in files.values()
        if file.table == "rows"
        and source in scan_files(store.home, "rows", [file]).select("source").head(1).collect()["source"]
    ]
    places = [
        store.home.path / file.path
        for key in of_source
        for file in (receipts[key].files if key in receipts else [])
        if file.table == DIGESTS and store.is_whole(file)
    ]
    if not places:
        return pl.DataFrame(schema={"row_id": pl.String, "digest": pl.String})
    counted = pl.scan_parquet(places, glob=False).group_by("row_digest").agg(pl.col("n").sum())
    each = counted.with_columns(occurrence=pl.int_ranges("n")).explode("occurrence")
    row_id = digest(pl.lit("row"), pl.lit(source), "row_digest", "occurrence")
    return each.select(row_id=row_id, digest=row_tombstone(source, "row_digest")).collect()
