"""The files of a push: Parquet under `data/`, a folder for each configuration, few large files for each split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import polars as pl

from schemas.attached import Embedded
from warehouse import disk
from warehouse.export.datafile import DataFile, nowhere
from warehouse.export.embed import NOTHING, arrow_tables
from warehouse.push.manifest import PushedFile

# No file is larger unless one row is: few enough to list, small enough to be fetched again.
SHARD_BYTES = 500_000_000


class _Of(NamedTuple):
    config: str
    split: str


class PushFiles:
    """The data files while they are being written; `place` says where the bytes of a medium lie, by its SHA-256.

    No file is without rows: `datasets` cannot load a configuration that has one.
    """

    def __init__(self, folder: Path, place: Callable[[str], Path] = nowhere) -> None:
        self._folder = folder
        self._place = place
        self._open: dict[_Of, list[DataFile]] = {}
        self._done: dict[tuple[_Of, int], disk.Digest] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for files in self._open.values():
            for file in files:
                file.close()

    def add(self, config: str, split: str, rows: pl.DataFrame, embedded: Mapping[str, Embedded] = NOTHING) -> None:
        """Append rows to a split of a configuration."""
        of = _Of(config, split)
        for table in arrow_tables(rows, embedded, self._place):
            self._file(of, table.nbytes).add_table(table)

    def _file(self, of: _Of, more: int) -> DataFile:
        """Return the file that takes so many `more` bytes; a new one if they could be too many."""
        files = self._open.setdefault(of, [])
        if not files or files[-1].size + more > SHARD_BYTES:
            if files:
                self._done[of, len(files) - 1] = files[-1].finish()
            folder = self._folder / "data" / of.config
            folder.mkdir(parents=True, exist_ok=True)
            files.append(DataFile(folder / f"{of.split}-{len(files):05}.parquet", "parquet"))
        return files[-1]

    def finish(self) -> list[PushedFile]:
        """Make the files durable, name them by their number, and describe them in their order."""
        found = []
        for of, files in sorted(self._open.items()):
            for at, file in enumerate(files):
                digest = self._done.get((of, at)) or file.finish()
                path = Path("data", of.config, f"{of.split}-{at:05}-of-{len(files):05}.parquet")
                disk.rename(file.path, self._folder / path)
                found.append(
                    PushedFile(
                        path=path.as_posix(),
                        config=of.config,
                        split=of.split,
                        rows=file.rows,
                        nbytes=file.nbytes,
                        **digest._asdict(),
                    )
                )
        for folder in [*(self._folder / "data").iterdir(), self._folder / "data"]:
            disk.sync_folder(folder)
        return found
