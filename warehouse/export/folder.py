"""Writing an export: aside first, then renamed into its place, so that a trainer never loads half of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from schemas.attached import Embedded
from warehouse import disk
from warehouse.export.datafile import DataFile, FileForm, nowhere
from warehouse.export.embed import NOTHING
from warehouse.export.manifest import MANIFEST, ExportedFile, Manifest, read_manifest


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
    """The files of an export while it is being written: one for each split of each table that has rows.

    They lie in `data/` of the table's folder, with the names by which `datasets.load_dataset` tells splits apart,
    whatever they are called; a packed JSON array is `config-SPLIT.json.gz` in the folder itself. `place` says where the
    bytes of a medium lie, by its SHA-256.
    """

    def __init__(self, folder: Path, form: FileForm, place: Callable[[str], Path] = nowhere) -> None:
        self._folder = folder
        self._form = form
        self._place = place
        self._open: dict[tuple[str, str], DataFile] = {}
        self._beside: dict[str, str] = {}
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.close()

    def add(self, rows: pl.DataFrame, table: str = "", embedded: Mapping[str, Embedded] = NOTHING) -> None:
        """Append rows to the files of the splits that their column `split` names."""
        for (split,), group in rows.partition_by("split", as_dict=True, include_key=False).items():
            if (table, split) not in self._open:
                path = self._folder / table / self._name(str(split))
                path.parent.mkdir(parents=True, exist_ok=True)
                self._open[table, str(split)] = DataFile(path, self._form)
                self._closing.callback(self._open[table, str(split)].close)
            self._open[table, str(split)].add(group, embedded, self._place)

    def link(self, links: pl.DataFrame, table: str = "") -> None:
        """Put media beside the rows of a table: at each `path` the one with this `sha256`."""
        for path, sha256 in links.select("path", "sha256").iter_rows():
            name = f"{table}/{path}".lstrip("/")
            if name not in self._beside:
                target = self._folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                disk.place_copy(self._place(sha256), target)
                self._beside[name] = sha256

    def finish(self) -> list[ExportedFile]:
        """Make the files durable and describe them."""
        found = []
        for (table, split), file in sorted(self._open.items()):
            digest = file.finish()
            path = file.path.relative_to(self._folder).as_posix()
            found.append(
                ExportedFile(path=path, split=split, rows=file.rows, template=table or None, **digest._asdict())
            )
        for name, sha256 in sorted(self._beside.items()):
            size = (self._folder / name).stat().st_size
            found.append(ExportedFile(path=name, split=None, rows=None, bytes=size, sha256=sha256))
        for folder in {(self._folder / file.path).parent for file in found}:
            disk.sync_folder(folder)
        return found

    def _name(self, split: str) -> str:
        return f"config-{split}.json.gz" if self._form == "json.gz" else f"data/{split}-00000-of-00001.{self._form}"


def write_beside(folder: Path, name: str, value: Any) -> ExportedFile:
    """Write a further file of an export, as JSON."""
    said = (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
    digest = disk.write_bytes(folder / name, folder, said)
    return ExportedFile(path=name, split=None, rows=None, **digest._asdict())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write what the export consists of."""
    write_beside(folder, MANIFEST, manifest.model_dump())
