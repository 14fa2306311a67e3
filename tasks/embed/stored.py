"""Stored vectors, read a slice at a time: no more of them are in memory than somebody wants at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

_ROWS: Final = 1 << 15

Vectors = npt.NDArray[np.float32]


class Stored(NamedTuple):
    """The table `embeddings` (content_id, vector), in which a content may stand more than once."""

    table: pl.LazyFrame

    def parts(self, wanted: pl.Series) -> Iterator[tuple[npt.NDArray[np.int64], Vectors]]:
        """Read the vectors of `wanted`, some at a time: where in `wanted` they stand, and the vectors themselves."""
        numbered = wanted.alias("content_id").to_frame().with_row_index("at")
        rows = self.table.select(pl.len()).collect().item()
        for start in range(0, rows, _ROWS):
            part = self.table.select("content_id", "vector").slice(start, _ROWS).collect()
            found = part.join(numbered, on="content_id").unique("content_id", keep="first", maintain_order=True)
            if found.height:
                width = len(found["vector"][0])
                yield found["at"].cast(pl.Int64).to_numpy(), found["vector"].list.to_array(width).to_numpy()

    def read_distinct(self, wanted: pl.Series) -> Vectors:
        """Read the vectors of `wanted`, in which a content may stand more than once, as `read` does."""
        distinct = wanted.unique().sort()
        found: Vectors = self.read(distinct)[distinct.search_sorted(wanted).to_numpy()]
        return found

    def read(self, wanted: pl.Series) -> Vectors:
        """Read the vectors of `wanted`, in their order; of a content that has none, all numbers are 0."""
        vectors: Vectors | None = None
        for at, part in self.parts(wanted):
            if vectors is None:
                vectors = np.zeros((len(wanted), part.shape[1]), np.float32)
            vectors[at] = part
        return np.zeros((len(wanted), 1), np.float32) if vectors is None else vectors
