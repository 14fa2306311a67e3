"""Work by key: one immutable Parquet file per table and key, and a receipt that says the key is complete."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from schemas.errors import Terminal
from schemas.stage import Settings
from schemas.tables import HOUSEKEEPING
from warehouse import disk, frames
from warehouse.home import Home

_KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}")


class Written(Settings):
    """One file of a key. `path` is relative to the home, `columns` says the Arrow type of each column."""

    table: str
    path: str
    rows: int
    bytes: int
    sha256: str
    columns: dict[str, str] = {}


class Receipt(Settings):
    """What a complete key consists of: a file for every table that has rows, and the writer's notes."""

    key: str
    files: list[Written] = []
    notes: dict[str, Any] = {}


class Store:
    """The work of a home, by key. Any number of processes may use it at once."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def receipt(self, key: str) -> Receipt | None:
        """Return the receipt of `key` if its work is complete and all of it is still there, else nothing."""
        try:
            said = Receipt.model_validate_json(self._receipt_path(key).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return said if all(self.is_whole(file) for file in said.files) else None

    def keys(self, prefix: str) -> list[str]:
        """List the complete keys that begin with `prefix`, sorted."""
        found = sorted(place.stem for place in (self.home.work / "receipts").glob(f"{self._checked(prefix)}*.json"))
        return [key for key in found if self.receipt(key) is not None]

    def write(self, key: str, tables: Mapping[str, pl.DataFrame], notes: Mapping[str, Any] | None = None) -> Receipt:
        """Keep `tables` under `key`, all or nothing; a key that is complete already is returned as it is.

        Raises Terminal if a frame does not have its table's columns, or if the disk is full or broken.
        """
        fitted = {table: frames.fit(table, frame) for table, frame in tables.items()}
        # Whoever else writes the same key waits here and then finds it complete.
        with disk.aside(self.home.aside, f"key-{self._checked(key)}") as folder:
            done = self.receipt(key)
            if done is not None:
                return done
            files = [
                self._write(key, table, frame, folder)
                for table, frame in fitted.items()
                if frames.is_internal(table) or frame.height
            ]
            said = Receipt(key=key, files=files, notes=dict(notes or {})).model_dump_json().encode()
            disk.write_file(self._receipt_path(key), folder, lambda sink: sink.write(said))
        # As a later reader will find it: what JSON does not know in the notes has changed its type.
        return Receipt.model_validate_json(said)

    def scan(self, keys: Sequence[str], table: str, schema: pl.Schema | None = None) -> pl.LazyFrame:
        """Read `table` of the given complete keys, in their order.

        A public table always has its columns; an internal table that no key has a file of needs `schema`. Raises
        Terminal if a key is not complete.
        """
        files = [file for key in dict.fromkeys(keys) for file in self._complete(key).files if file.table == table]
        if frames.is_internal(table):
            if not files and schema is None:
                raise Terminal(f"no key has rows of the internal table {table}: say which columns it would have")
            return pl.scan_parquet(self._places(files), glob=False) if files else pl.LazyFrame(schema=schema)
        return scan_files(self.home, table, files)

    def is_whole(self, file: Written) -> bool:
        """Tell whether a file is there in the size it was written."""
        try:
            return (self.home.path / file.path).stat().st_size == file.bytes
        except FileNotFoundError:
            return False

    def forget(self, key: str) -> None:
        """Delete the work of `key`; it is done again when somebody asks for it."""
        try:
            files = Receipt.model_validate_json(self._receipt_path(key).read_bytes()).files
        except (FileNotFoundError, ValidationError):
            files = []
        # The receipt goes first: a key is complete or it has none.
        disk.remove(self._receipt_path(key))
        for place in self._places(files):
            disk.remove(place)

    def sweep(self) -> None:
        """Delete the files of keys that a dead process has not completed."""
        complete = {place.stem for place in (self.home.work / "receipts").glob("*.json")}
        for place in [*self.home.tables.glob("*/*.parquet"), *self.home.work.glob("_*/*.parquet")]:
            if place.stem not in complete and place.parent.name not in HOUSEKEEPING:
                self._delete_incomplete(place)

    def _delete_incomplete(self, place: Path) -> None:
        with disk.aside(self.home.aside, f"key-{place.stem}"):
            if self.receipt(place.stem) is None:
                disk.remove(place)

    def _complete(self, key: str) -> Receipt:
        receipt = self.receipt(key)
        if receipt is None:
            raise Terminal(f"the work of key {key} is not complete in {self.home.path}: run the plan again")
        return receipt

    def _write(self, key: str, table: str, frame: pl.DataFrame, folder: Path) -> Written:
        is_internal = frames.is_internal(table)
        place = (self.home.work if is_internal else self.home.tables) / table / f"{key}.parquet"
        digest = disk.write_file(place, folder, lambda sink: frames.fill(sink, frame, exact=is_internal))
        return Written(
            table=table,
            path=place.relative_to(self.home.path).as_posix(),
            rows=frame.height,
            bytes=digest.bytes,
            sha256=digest.sha256,
            columns={} if is_internal else frames.column_types(frame),
        )

    def _places(self, files: Sequence[Written]) -> list[Path]:
        return [self.home.path / file.path for file in files]

    def _receipt_path(self, key: str) -> Path:
        return self.home.work / "receipts" / f"{self._checked(key)}.json"

    @staticmethod
    def _checked(key: str) -> str:
        if _KEY.fullmatch(key) is None:
            raise Terminal(f"{key!r} cannot be a key: letters, digits, '_' and '-' only")
        return key


def scan_files(home: Home, table: str, files: Sequence[Written]) -> pl.LazyFrame:
    """Read these files of a public table: always its fixed columns, and every further one that a file has."""
    schema = frames.polars_schema(frames.whole_schema(table, [file.columns for file in files]))
    if not files:
        return pl.LazyFrame(schema=schema)
    places = [home.path / file.path for file in files]
    return pl.scan_parquet(places, schema=schema, missing_columns="insert", glob=False)
