"""The kept pairs of a snapshot, a batch at a time, with what trainers want to know of their records."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

import polars as pl

from schemas.errors import Terminal
from schemas.identity import digest
from warehouse.database import Warehouse
from warehouse.export.media import with_media

# Texts of so many pairs are held at a time.
BATCH = 32_768
# What `datasets` takes for the name of a split.
_SPLIT = re.compile(r"\w+(\.\w+)*")
_WANTED = [
    "pair_id", "pair_key", "record_id", "source", "dimension", "prompt", "chosen", "rejected", "chosen_id",
    "rejected_id", "margin", "tie", "split", "license", "commercial_ok",
]  # fmt: skip


class Choice(NamedTuple):
    """Which kept pairs are meant: those of these splits, and of this dimension unless it is none."""

    splits: list[str]
    dimension: str | None

    @property
    def is_meant(self) -> pl.Expr:
        """Tell of each pair whether it is meant."""
        is_in = pl.col("kept") & pl.col("split").is_in(self.splits)
        return is_in if self.dimension is None else is_in & (pl.col("dimension") == self.dimension)


def choose(opened: Warehouse, splits: Collection[str], dimension: str | None, *, mixed: bool) -> Choice:
    """Settle which pairs are meant: by default those of all splits.

    Raises Terminal if a name is unknown, if nothing is meant, or if the pairs are judged in several dimensions although
    they must not be `mixed`.
    """
    number, kept = opened.snapshot.snapshot, _count_kept(opened)
    for column, asked in (("split", splits), ("dimension", [] if dimension is None else [dimension])):
        known = kept[column].unique().sort().to_list()
        unknown = [each for each in asked if each not in known]
        if unknown:
            there = ", ".join(known) or "none at all"
            raise Terminal(f"snapshot {number} keeps no pair of {column} {unknown[0]}; there are {there}")
    choice = Choice(sorted(splits or kept["split"].unique()), dimension)
    meant = kept.filter(choice.is_meant)
    if meant.is_empty():
        raise Terminal(f"snapshot {number} keeps no pair of what is asked for, so there is nothing to export")
    refuse_names(choice.splits)
    if not mixed:
        _refuse_several_dimensions(meant)
    return choice


def _count_kept(opened: Warehouse) -> pl.DataFrame:
    kept = opened.table("pairs").filter(pl.col("kept"))
    return kept.group_by("kept", "split", "dimension").agg(pairs=pl.len()).collect()


def refuse_names(splits: list[str]) -> None:
    """Raise Terminal if `datasets` cannot take one of these names for that of a split."""
    wrong = [split for split in splits if _SPLIT.fullmatch(split) is None or split.lower() == "all"]
    if wrong:
        raise Terminal(
            f"the library datasets cannot load a split called {wrong[0]!r}: letters, digits, '_' and '.' only, and "
            "not 'all'; rename it under `split` in the plan and run again"
        )


def _refuse_several_dimensions(meant: pl.DataFrame) -> None:
    found = meant.group_by("dimension").agg(pl.col("pairs").sum()).sort("dimension")
    if found.height > 1:
        named = ", ".join(f"{name} ({pairs:,} pairs)" for name, pairs in found.iter_rows())
        raise Terminal(
            f"the pairs are judged in several dimensions, which a trainer would take for one: {named}; "
            "name one as dimension, or '*' for all of them"
        )


def read_batches(opened: Warehouse, choice: Choice) -> Iterator[pl.DataFrame]:
    """Read the pairs that are meant, with `prompt_messages`, `system` and a `prompt_key` of their records, and media.

    The order is the snapshot's, mixed within each batch: neighbours seldom share a prompt.
    """
    pairs, records = opened.table("pairs"), opened.table("records")
    for start in range(0, pairs.select(pl.len()).collect().item(), BATCH):
        meant = pairs.slice(start, BATCH).filter(choice.is_meant).select(_WANTED).collect()
        if meant.is_empty():
            continue
        about = records.filter(pl.col("record_id").is_in(meant["record_id"].unique().implode()))
        said = about.select("record_id", "prompt_messages", "system").collect()
        found = with_media(opened, meant.join(said, on="record_id", how="left"))
        shown = pl.col("prompt_media").list.eval(pl.element().struct["media_id"]).list.join(",")
        key = digest(pl.lit("prompt"), "prompt", "system", pl.when(shown != "").then(shown))
        yield found.with_columns(prompt_key=key).sort("pair_id")
