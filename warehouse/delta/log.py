"""One Delta table over files that stages have written: which files it consists of, and how that changes.

A commit is a compare-and-swap: with no retries, delta-rs refuses it if the table has moved since it was opened. No
other way of writing is used: appends with application transactions are not idempotent, and an overwrite through a
stale handle keeps both sides.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from schemas.errors import Terminal, Transient
from warehouse import disk
from warehouse.store import Written

# Otherwise versions older than 30 days vanish by themselves at the next checkpoint.
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false"}

_PAINT = re.compile(r"\x1b\[[0-9;]*m")


class Moved(Transient):
    """Raised when somebody else has committed to a table since it was opened."""


class Log:
    """A Delta table at its newest version; made with `schema` if there is none."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self._folder = folder
        self._schema = Schema.from_arrow(schema)
        self._table = self._open()

    @property
    def version(self) -> int:
        """The version that was opened."""
        return int(self._table.version())

    def files(self) -> dict[str, int]:
        """Return the table's files: name → bytes."""
        return _files(self._table)

    def settle(self, files: Sequence[Written]) -> int:
        """Make the table consist of exactly `files`, and return the version that does.

        Raises Moved if somebody else has committed since it was opened.
        """
        if self._table.schema() != self._schema:
            self._replace_schema()
        wanted = {_name(file): file for file in files}
        have = self.files()
        adds = [file for name, file in wanted.items() if have.get(name) != file.bytes]
        removes = {name: size for name, size in have.items() if name not in wanted}
        return self.change(adds, removes) if adds or removes else self.version

    def change(self, adds: Sequence[Written], removes: Mapping[str, int]) -> int:
        """Add and remove files in one transaction, and return the version it makes."""
        now = int(time.time() * 1000)
        taken = [RemoveAction(name, data_change=True, deletion_timestamp=now, size=removes[name]) for name in removes]
        return self._commit([*map(_add, adds), *taken], "append")

    def _replace_schema(self) -> None:
        # An overwrite by nothing: the files come back with the next transaction, under the new schema.
        self._commit([], "overwrite")
        self._table = DeltaTable(self._folder)

    def _commit(self, actions: list[AddAction | RemoveAction], mode: str) -> int:
        version = self.version + 1

        def transaction() -> None:
            self._table.create_write_transaction(
                actions, mode=mode, schema=self._schema, commit_properties=CommitProperties(max_commit_retries=0)
            )

        try:
            disk.commit(self._folder / "_delta_log", version, transaction)
        except (DeltaError, OSError) as error:
            raise self._explain(error) from error
        return version

    def _explain(self, error: Exception) -> Exception:
        """Tell a moved table from a broken disk: delta-rs has one error for both."""
        try:
            moved = int(DeltaTable(self._folder).version()) != self.version
        except (DeltaError, OSError):
            moved = False
        if moved and isinstance(error, DeltaError):
            return Moved(f"somebody else has published to {self._folder.name}; run again")
        return _cannot_commit(self._folder, error)

    def _open(self) -> DeltaTable:
        try:
            return DeltaTable(self._folder)
        except TableNotFoundError:
            pass
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            disk.commit(self._folder / "_delta_log", 0, self._create)
            return DeltaTable(self._folder)
        except (DeltaError, OSError) as error:
            raise _cannot_commit(self._folder, error) from error

    def _create(self) -> None:
        # "ignore": of two processes that make the table at once, the second takes the first one's.
        DeltaTable.create(self._folder, schema=self._schema, mode="ignore", configuration=_CONFIGURATION)


def names_at(folder: Path, version: int | None) -> list[str]:
    """Return the names of the files of a Delta table at `version`, or at its newest; none if there is no table.

    Raises FileNotFoundError if the table does not know the version any more.
    """
    try:
        return list(_files(DeltaTable(folder, version=version)))
    except TableNotFoundError as error:
        if version is not None:
            raise FileNotFoundError(f"{folder} has no version {version}") from error
        return []


def shorten(folder: Path, oldest: int, *, worth: int = 20) -> int:
    """Delete the log entries of a Delta table that no version from `oldest` on needs; return how many.

    What a checkpoint makes superfluous goes only the next time: readers may be on their way through it.
    """
    log = folder / "_delta_log"
    checkpoints = sorted(int(place.name.split(".")[0]) for place in log.glob("*.checkpoint.parquet"))
    usable = [version for version in checkpoints if version <= oldest]
    past = [place for place in _entries(log) if usable and int(place.name.split(".")[0]) < usable[-1]]
    for place in past:
        disk.remove(place)
    if oldest - (usable[-1] if usable else 0) >= worth:
        try:
            disk.commit(log, oldest, lambda: DeltaTable(folder, version=oldest).create_checkpoint())
        except (DeltaError, OSError) as error:
            raise _cannot_commit(folder, error) from error
    return len(past)


def _entries(log: Path) -> list[Path]:
    """List what belongs to versions, oldest first."""
    return sorted(place for place in log.iterdir() if place.name.split(".")[0].isdecimal())


def newest_version(folder: Path) -> int | None:
    """Return the newest version of a Delta table without reading it, or nothing if there is no table."""
    entries = [entry.stem for entry in (folder / "_delta_log").glob("*.json")]
    return max((int(stem) for stem in entries if stem.isdecimal()), default=None)


def _files(table: DeltaTable) -> dict[str, int]:
    # pyarrow's constructors import pandas, which takes as long as everything else that a reader does.
    actions = pl.DataFrame(table.get_add_actions().select(["path", "size_bytes"]))
    return dict(zip(actions["path"], actions["size_bytes"], strict=True))


def _name(file: Written) -> str:
    return file.path.rsplit("/", 1)[-1]


def _add(file: Written) -> AddAction:
    return AddAction(
        path=_name(file),
        size=file.bytes,
        partition_values={},
        modification_time=0,
        data_change=True,
        stats=f'{{"numRecords":{file.rows}}}',
    )


def _cannot_commit(folder: Path, error: Exception) -> Terminal:
    if isinstance(error, OSError):
        return disk.cannot_write(folder, error)
    # delta-rs paints its messages over several lines.
    plain = " ".join(_PAINT.sub("", str(error)).split())
    return Terminal(f"cannot commit to {folder}: {plain}; check the disk and run again (what was finished is kept)")
