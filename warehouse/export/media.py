"""The media of pairs: which they are, of what kind, and whether their bytes are in the home."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from schemas.attached import ATTACHED, PLACES
from warehouse.database import Warehouse
from warehouse.home import Home
from warehouse.media.mimes import OPENING, ending_of, mime_of_bytes, modality_of_mime
from warehouse.media.shelf import blob_place

_NAMED: Final = pl.Schema(ATTACHED)
_LISTS: Final = pl.List(ATTACHED)
_IDS: Final = dict(zip(PLACES, ("record_id", "chosen_id", "rejected_id"), strict=True))


def has_attachments(opened: Warehouse) -> bool:
    """Tell whether the snapshot has any media at all."""
    return bool(opened.table("attachments").head(1).select(pl.len() > 0).collect().item())


def with_media(opened: Warehouse, pairs: pl.DataFrame) -> pl.DataFrame:
    """Add `prompt_media`, `chosen_media` and `rejected_media` to pairs: what stands in each, in its order.

    Each medium has `media_id`, `sha256`, `modality`, a file's `name`, its size in `bytes`, and `is_there`: whether it
    is sound and its bytes are kept. Masks are not among them.
    """
    targets = pl.concat([pairs[column].unique() for column in _IDS.values()]).implode()
    attached = (
        opened.table("attachments")
        .filter((pl.col("role") == "content") & pl.col("target_id").is_in(targets))
        .select("target", "target_id", "index", "media_id")
        # Records that share an answer say its media once each.
        .unique(["target", "target_id", "index"])
        .collect()
    )
    if attached.is_empty():
        return pairs.with_columns(pl.lit([], dtype=_LISTS).alias(f"{place}_media") for place in _IDS)
    known = attached.join(look_up(opened, attached["media_id"].unique()), on="media_id", how="left")
    lists = known.sort("target", "target_id", "index").group_by("target", "target_id", maintain_order=True)
    found = lists.agg(media=pl.struct(*_NAMED)).cast({"media": _LISTS})
    for place, column in _IDS.items():
        is_here = pl.col("target") == ("prompt" if place == "prompt" else "response")
        own = found.filter(is_here).select(pl.col("target_id").alias(column), pl.col("media").alias(f"{place}_media"))
        pairs = pairs.join(own, on=column, how="left", maintain_order="left")
    return pairs.with_columns(pl.col(f"{place}_media").fill_null([]) for place in _IDS)


def look_up(opened: Warehouse, media_ids: pl.Series) -> pl.DataFrame:
    """Describe media by their ids; one of which nothing is known is not there."""
    said = (
        opened.table("media")
        .filter(pl.col("media_id").is_in(media_ids.implode()))
        .select("media_id", "sha256", "modality", "mime", "error")
        .unique("media_id")
        .collect()
    )
    asked = pl.DataFrame({"media_id": media_ids}).join(said, on="media_id", how="left").sort("media_id")
    return pl.DataFrame([_named(opened.home, *row) for row in asked.iter_rows()], schema=_NAMED, orient="row")


_Row = tuple[str, str | None, str | None, str | None, int | None, bool]


def _named(
    home: Home, media_id: str, sha256: str | None, kind: str | None, mime: str | None, error: str | None
) -> _Row:
    place = None if sha256 is None else blob_place(home, sha256)
    size = _size(place)
    if place is not None and size is not None and mime is None:
        with place.open("rb") as blob:
            mime = mime_of_bytes(blob.read(OPENING))
    modality = kind or modality_of_mime(mime or "")
    is_there = size is not None and error is None and modality is not None
    return media_id, sha256, modality, media_id + ending_of(mime), size, is_there


def _size(place: Path | None) -> int | None:
    try:
        return None if place is None else place.stat().st_size
    except FileNotFoundError:
        return None
