"""The rows of shards, as a unit of work reads them, and what makes two readings the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, groupby

from schemas.rows.batch import Rows, Shard
from tasks.ingest.parse import parse
from warehouse.intake import read


def names_of(shards: Sequence[Shard]) -> list[str]:
    """Name each shard by its content and by what of its place shows in the facts."""
    return [
        f"{each.digest}:{each.file}:{each.format}:{each.start}:{each.first_line}"
        + (f":{each.layout.model_dump_json()}" if each.layout is not None else "")
        for each in shards
    ]


def by_file(batches: Iterator[tuple[str, Rows]]) -> Iterator[tuple[str, Rows]]:
    """Put the batches of each file together."""
    for file, some in groupby(batches, key=lambda batch: batch[0]):
        yield (
            file,
            Rows(*(list(chain.from_iterable(column)) for column in zip(*(rows for _, rows in some), strict=True))),
        )


def batches(shards: Sequence[Shard], limit: int | None = None) -> Iterator[tuple[str, Rows]]:
    """Parse shards one after the other, up to `limit` rows in all; each batch comes with the name of its file."""
    taken = 0
    for shard in shards:
        left = None if limit is None else limit - taken
        if left == 0:
            return
        for rows in parse(read(shard, limit=left)):
            taken += len(rows.docs) + len(rows.bad) + len(rows.blank)
            yield shard.file, rows
