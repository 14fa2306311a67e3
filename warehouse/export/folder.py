"""Writing an export: aside first, then renamed into its place, so that a trainer never loads half of one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.plan.export import FileFormat
from schemas.rules.features import with_features
from warehouse import disk
from warehouse.disk import Sink
from warehouse.export.manifest import MANIFEST, ExportedFile, Manifest, read_manifest

ROW_GROUP = 8_192


@contextmanager
def replaced(folder: Path, check: Callable[[Path], object] = read_manifest) -> Iterator[Path]:
    """Lend an empty folder that takes the place of `folder` at the end, unless an error ends it before.

    Raises Terminal if the disk is full or broken, or if `check` does: by default, if `folder` holds anything but an
    older export.
    """
    check(folder)
    # What a link leads to is replaced, not the link.
    folder = folder.resolve()
    try:
        with disk.aside(folder.parent, f".{folder.name}.winnow-export") as lent:
            fresh = lent / "new"
            fresh.mkdir()
            yield fresh
            check(folder)
            disk.sync_folder(fresh)
            _swap(fresh, folder, lent / "old")
            disk.sync_folder(folder.parent)
    except OSError as error:
        raise disk.cannot_write(folder, error) from error


def _swap(fresh: Path, folder: Path, old: Path) -> None:
    """Put `fresh` in the place of `folder`. If that fails, `folder` is as it was; if we die between, it is absent."""
    if folder.exists():
        disk.rename(folder, old)
    try:
        disk.rename(fresh, folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


class ExportFiles:
    """The files of an export while it is being written: one for each split that has rows.

    They lie in `data/`, with the names by which `datasets.load_dataset` tells splits apart, whatever they are called.
    """

    def __init__(self, folder: Path, form: FileFormat) -> None:
        self._folder = folder
        self._form = form
        self._open: dict[str, DataFile] = {}
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        (self._folder / "data").mkdir()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.close()

    def add(self, rows: pl.DataFrame) -> None:
        """Append rows to the files of the splits that their column `split` names."""
        for (split,), group in rows.partition_by("split", as_dict=True, include_key=False).items():
            if split not in self._open:
                path = self._folder / "data" / f"{split}-00000-of-00001.{self._form}"
                self._open[split] = DataFile(path, self._form)
                self._closing.callback(self._open[split].close)
            self._open[split].add(group)

    def finish(self) -> list[ExportedFile]:
        """Make the files durable and describe them."""
        found = []
        for split, file in sorted(self._open.items()):
            digest = file.finish()
            path = file.path.relative_to(self._folder).as_posix()
            found.append(ExportedFile(path=path, split=split, rows=file.rows, **digest._asdict()))
        disk.sync_folder(self._folder / "data")
        return found


class DataFile:
    """One file, to which batches of rows are appended; `nbytes` is what they take in memory."""

    def __init__(self, path: Path, form: FileFormat) -> None:
        self.path = path
        self.rows = 0
        self.nbytes = 0
        self._form = form
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        self._sink = Sink(self._descriptor)
        self._parquet: pq.ParquetWriter | None = None

    @property
    def size(self) -> int:
        """How large the file is so far."""
        return self._sink.tell()

    def add(self, rows: pl.DataFrame) -> None:
        """Append rows, always with the same columns."""
        self.rows += rows.height
        if self._form == "jsonl":
            self._sink.write(rows.write_ndjson().encode())
            return
        table = _described(rows)
        self.nbytes += table.nbytes
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(self._sink, table.schema, compression="zstd", write_page_checksum=True)
        self._parquet.write_table(table, row_group_size=ROW_GROUP)

    def finish(self) -> disk.Digest:
        """Make the file durable and describe it."""
        if self._parquet is not None:
            self._parquet.close()
        digest = self._sink.finish()
        disk.sync(self._descriptor)
        return digest

    def close(self) -> None:
        """Let go of the file, finished or not."""
        os.close(self._descriptor)


def write_beside(folder: Path, name: str, value: Any) -> ExportedFile:
    """Write a further file of an export, as JSON."""
    said = (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
    digest = disk.write_bytes(folder / name, folder, said)
    return ExportedFile(path=name, split=None, rows=None, **digest._asdict())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write what the export consists of."""
    write_beside(folder, MANIFEST, manifest.model_dump())


def arrow_schema(rows: pl.DataFrame) -> pa.Schema:
    """Say the columns of a frame in the Arrow types that every reader knows."""
    found = rows.clear().to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return pa.schema([(field.name, _plain(field.type)) for field in found])


def _described(rows: pl.DataFrame) -> pa.Table:
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(with_features(arrow_schema(rows)))


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type that every reader knows: polars writes the large kinds of texts and lists."""
    if pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _plain(field.type)) for field in kind])
    return pa.string() if pa.types.is_large_string(kind) else kind
