"""Bytes of media that no stored result names any more."""

from __future__ import annotations

import time
from datetime import timedelta

import polars as pl

from warehouse import disk
from warehouse.home import Home

# The internal tables that name media by digest.
_NAMING = ("_blobs", "_found")


def delete_unused_blobs(home: Home, grace: timedelta) -> int:
    """Delete the blobs that neither a row nor a search names, unless they are younger than `grace`; return how many."""
    named = {sha256 for table in _NAMING for sha256 in _digests(home, table)}
    young = time.time() - grace.total_seconds()
    unused = [place for place in home.media.glob("*/*") if place.name not in named and place.stat().st_mtime < young]
    for place in unused:
        disk.remove(place)
    return len(unused)


def _digests(home: Home, table: str) -> pl.Series:
    files = sorted((home.work / table).glob("*.parquet"))
    if not files:
        return pl.Series(dtype=pl.String)
    return pl.scan_parquet(files, glob=False, extra_columns="ignore").select("sha256").unique().collect()["sha256"]
