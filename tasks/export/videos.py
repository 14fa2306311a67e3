"""Videos as SafeSora lays them out: `videos/<prompt_id>/<video_id>.mp4`, for its own files and align-anything's."""

from __future__ import annotations

from typing import Final

import polars as pl

from tasks.export.media import first

ANSWERS: Final = ("chosen", "rejected")


def video_path(side: str) -> pl.Expr:
    """Say where the video of an answer lies. Its loader makes the path itself, so it is `.mp4` whatever is in it."""
    video = first(side).struct["media_id"]
    return pl.format("videos/{}/{}.mp4", pl.col("prompt_key"), video)


def video_links(pairs: pl.DataFrame) -> pl.DataFrame:
    """List the videos of both answers, each place once."""
    sides = [pairs.select(path=video_path(side), sha256=first(side).struct["sha256"]) for side in ANSWERS]
    return pl.concat(sides).unique(maintain_order=True)
