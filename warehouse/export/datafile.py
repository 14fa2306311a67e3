"""One file of rows while it is being written: Parquet, JSON lines, or a JSON array that is packed."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.attached import Embedded
from warehouse import disk
from warehouse.disk import Sink
from warehouse.export.embed import NOTHING, ROW_GROUP, arrow_tables

FileForm = Literal["parquet", "jsonl", "json.gz"]
_GZIP: Final = 16 + zlib.MAX_WBITS


def nowhere(sha256: str) -> Path:
    """Stand for the place of media where rows have none."""
    raise FileNotFoundError(sha256)


class DataFile:
    """One file, to which batches of rows are appended; `nbytes` is what they take in memory."""

    def __init__(self, path: Path, form: FileForm) -> None:
        self.path = path
        self.rows = 0
        self.nbytes = 0
        self._form = form
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        self._sink = Sink(self._descriptor)
        self._parquet: pq.ParquetWriter | None = None
        # Its header says neither a name nor a time, so that the same rows are the same bytes.
        self._packer = zlib.compressobj(wbits=_GZIP)

    @property
    def size(self) -> int:
        """How large the file is so far."""
        return self._sink.tell()

    def add(
        self,
        rows: pl.DataFrame,
        embedded: Mapping[str, Embedded] = NOTHING,
        place: Callable[[str], Path] = nowhere,
    ) -> None:
        """Append rows, always with the same columns. Media go into Parquet only."""
        if self._form == "parquet":
            for table in arrow_tables(rows, embedded, place):
                self.add_table(table)
            return
        lines = rows.write_ndjson().encode()
        if self._form == "jsonl":
            self._sink.write(lines)
        else:
            opening = b"[" if self.rows == 0 else b",\n"
            self._sink.write(self._packer.compress(opening + lines.rstrip(b"\n").replace(b"\n", b",\n")))
        self.rows += rows.height

    def add_table(self, table: pa.Table) -> None:
        """Append a table as one row group of a Parquet file."""
        self.rows += table.num_rows
        self.nbytes += table.nbytes
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(self._sink, table.schema, compression="zstd", write_page_checksum=True)
        self._parquet.write_table(table, row_group_size=ROW_GROUP)

    def finish(self) -> disk.Digest:
        """Make the file durable and describe it."""
        if self._parquet is not None:
            self._parquet.close()
        if self._form == "json.gz":
            self._sink.write(self._packer.compress(b"]\n" if self.rows else b"[]\n") + self._packer.flush())
        digest = self._sink.finish()
        disk.sync(self._descriptor)
        return digest

    def close(self) -> None:
        """Let go of the file, finished or not."""
        os.close(self._descriptor)
