"""Read files as a run does, and check on the way that no row is missing."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from schemas.plan.sources import Source
from schemas.rows.batch import Rows, Shard
from tasks.ingest.parse import parse
from warehouse.intake import count_rows, find, read


def shards_of(root: Path, path: str, **more: object) -> list[Shard]:
    return find(Source(name="here", path=path, **more), root, root / "home")


def joined(batches: list[Rows]) -> Rows:
    return (
        Rows(*[list(chain.from_iterable(parts)) for parts in zip(*batches, strict=True)])
        if batches
        else Rows([], [], [], [], [], [])
    )


def rows_of(shard: Shard, limit: int | None = None) -> Rows:
    """Read one shard; the rows that are counted without parsing are as many."""
    rows = joined(list(parse(read(shard, limit=limit))))
    counted = count_rows(shard)
    assert len(rows.docs) + len(rows.bad) + len(rows.blank) == (counted if limit is None else min(counted, limit))
    assert len(rows.docs) == len(rows.lines) == len(rows.byte_offsets) == len(rows.raw)
    return rows


def everything(root: Path, path: str) -> Rows:
    """Read all shards of a source, in their order."""
    return joined([rows_of(shard) for shard in shards_of(root, path)])


def reasons(rows: Rows) -> list[tuple[int, str]]:
    return [(bad.line, bad.reason.value) for bad in rows.bad]
