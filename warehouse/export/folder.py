"""Writing an export: aside first, then renamed into its place, so that a trainer never loads half of one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.export import FileFormat
from warehouse import disk
from warehouse.disk import Sink
from warehouse.export.manifest import MANIFEST, ExportedFile, Manifest, read_manifest

ROW_GROUP = 8_192


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Lend an empty folder that takes the place of `folder` at the end, unless an error ends it before.

    Raises Terminal if `folder` holds anything but an older export, or if the disk is full or broken.
    """
    read_manifest(folder)
    # What a link leads to is replaced, not the link.
    folder = folder.resolve()
    try:
        with disk.aside(folder.parent, f".{folder.name}.winnow-export") as lent:
            fresh = lent / "new"
            fresh.mkdir()
            yield fresh
            read_manifest(folder)
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
        self._open: dict[str, _SplitFile] = {}
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
                self._open[split] = _SplitFile(path, self._form)
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


class _SplitFile:
    """One file, to which batches of rows are appended."""

    def __init__(self, path: Path, form: FileFormat) -> None:
        self.path = path
        self.rows = 0
        self._form = form
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        self._sink = Sink(self._descriptor)
        self._parquet: pq.ParquetWriter | None = None

    def add(self, rows: pl.DataFrame) -> None:
        self.rows += rows.height
        if self._form == "jsonl":
            self._sink.write(rows.write_ndjson().encode())
            return
        table = _described(rows)
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(self._sink, table.schema, compression="zstd", write_page_checksum=True)
        self._parquet.write_table(table, row_group_size=ROW_GROUP)

    def finish(self) -> disk.Digest:
        if self._parquet is not None:
            self._parquet.close()
        digest = self._sink.finish()
        disk.sync(self._descriptor)
        return digest

    def close(self) -> None:
        os.close(self._descriptor)


def write_beside(folder: Path, name: str, value: Any) -> ExportedFile:
    """Write a further file of an export, as JSON."""
    said = (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
    digest = disk.write_bytes(folder / name, folder, said)
    return ExportedFile(path=name, split=None, rows=None, **digest._asdict())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write what the export consists of."""
    write_beside(folder, MANIFEST, manifest.model_dump())


def _described(rows: pl.DataFrame) -> pa.Table:
    """Say the types in the words of the library `datasets` as well, so that it need not guess them."""
    table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
    schema = pa.schema([(field.name, _plain(field.type)) for field in table.schema])
    info = {"info": {"features": {field.name: _feature(field.type) for field in schema}}}
    return table.cast(schema.with_metadata({"huggingface": json.dumps(info)}))


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type that every reader knows: polars writes the large kinds of texts and lists."""
    if pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _plain(field.type)) for field in kind])
    return pa.string() if pa.types.is_large_string(kind) else kind


def _feature(kind: pa.DataType) -> Any:
    """Say an Arrow type as a feature; lists in the old spelling, which versions before 4 know as well."""
    if pa.types.is_list(kind):
        return [_feature(kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    return {"dtype": {"double": "float64"}.get(str(kind), str(kind)), "_type": "Value"}
