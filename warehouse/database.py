"""Reading a published home: SQL, frames and datasets of one snapshot. Readers take no lock and change nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from schemas.errors import Terminal
from schemas.tables import TABLES
from warehouse import catalog, frames
from warehouse.delta.snapshots import Snapshot, again, files_of, files_places, snapshot_at, snapshot_places
from warehouse.home import Home
from warehouse.store import scan_files

if TYPE_CHECKING:
    import datasets

_WORD = re.compile(r"\w+")


class Warehouse:
    """One snapshot of a home, as it was published, however often others publish meanwhile."""

    def __init__(self, home: Home, snapshot: Snapshot) -> None:
        self.home = home
        self.snapshot = snapshot
        self._views = catalog.views(home, snapshot)
        self._connection = _connect(home)
        # A connection answers one query at a time.
        self._turn = threading.Lock()

    def sql(self, query: str, values: Mapping[str, object] | Sequence[object] | None = None) -> pl.DataFrame:
        """Answer one SELECT (DESCRIBE, SHOW and SUMMARIZE count as such); `values` fill `$name` or `?`.

        Only the snapshot's tables can be read, and nothing can be written. Raises Terminal that says what is wrong
        with the query.
        """
        try:
            with self._turn:
                return self._answer(query, values)
        except (duckdb.Error, pl.exceptions.PolarsError) as error:
            raise Terminal(f"the query has no answer: {error}") from error

    def _answer(self, query: str, values: Mapping[str, object] | Sequence[object] | None) -> pl.DataFrame:
        # Without this, COPY and EXPLAIN ANALYZE COPY could write beside the tables, whatever else is switched off.
        kinds = [statement.type for statement in self._connection.extract_statements(query)]
        if kinds != [duckdb.StatementType.SELECT]:
            raise Terminal("only one SELECT at a time: tables are changed by publishing, not by SQL")
        self._show(query)
        answer: pl.DataFrame = self._connection.sql(query, params=values).pl()
        return answer

    def table(self, name: str) -> pl.LazyFrame:
        """Read a table. Raises Terminal if there is none of that name."""
        schema = frames.fixed_schema(name)
        if name in ("files", "snapshots"):
            return self._housekeeping(name, schema)
        return scan_files(self.home, name, [file for file in files_of(self.home, self.snapshot) if file.table == name])

    def pairs(self, split: str | None = None, dimension: str | None = None) -> pl.LazyFrame:
        """Read the kept pairs, of one split or dimension only if they are named."""
        kept = self.table("pairs").filter(pl.col("kept"))
        for column, value in (("split", split), ("dimension", dimension)):
            kept = kept if value is None else kept.filter(pl.col(column) == value)
        return kept

    def to_datasets(self, split: str | None = None, dimension: str | None = None) -> datasets.Dataset:
        """Return the kept pairs as a Hugging Face dataset."""
        from datasets import Dataset

        return Dataset.from_polars(self.pairs(split, dimension).collect())

    def _housekeeping(self, name: str, schema: pl.Schema) -> pl.LazyFrame:
        is_files = name == "files"
        places = files_places(self.home, self.snapshot) if is_files else snapshot_places(self.home)
        found = pl.scan_parquet(places, schema=schema, missing_columns="insert", glob=False)
        return found if is_files else found.filter(pl.col("snapshot") <= self.snapshot.snapshot)

    def _show(self, query: str) -> None:
        """Make the views whose names occur in `query`, or all if none does: each costs a look into a file."""
        named = set(_WORD.findall(query.lower())) & TABLES.keys()
        for table in sorted((named or TABLES.keys()) & self._views.keys()):
            self._connection.execute(f"CREATE VIEW {table} AS {self._views.pop(table)}")


def open_snapshot(home: Home | Path | str, at: int | None = None) -> Warehouse:
    """Open the newest snapshot of a home, or snapshot number `at`. Raises Terminal if there is none."""
    place = home if isinstance(home, Home) else Home.at(home, create=False)
    return again(lambda: Warehouse(place, snapshot_at(place, at)))


def _connect(home: Home) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET python_enable_replacements = false")
    connection.execute(f"SET allowed_directories = [{catalog.literal(str(home.tables))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
