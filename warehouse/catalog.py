"""`winnow.duckdb`: views and nothing else, over the files of the kept snapshots.

The newest snapshot is in the schema `main`, the older ones in `snapshot_N`. Views list files by absolute path: a
pattern would also find removed files, and relative paths would be looked up from wherever the reader stands.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from pydantic import ValidationError

from schemas.errors import Terminal
from schemas.stage import Settings
from schemas.tables import TABLES
from warehouse import disk
from warehouse.delta.snapshots import Snapshot, again, files_of, files_places, read_snapshot, snapshot_places
from warehouse.home import Home
from warehouse.store import Written

# The oldest storage format, so that older versions of DuckDB can open the file.
_STORAGE = "v1.0.0"
# Raise it when views are written in another way: catalogs of another form are rebuilt.
_FORM = 2
_SCHEMAS = "SELECT schema_name FROM duckdb_schemas() WHERE starts_with(schema_name, 'snapshot_')"
_SCALARS: dict[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.float32(): "FLOAT",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}


class _Built(Settings):
    """What the catalog was built from, and which file it is: another file in its place makes this untrue.

    `snapshots` are the files that the snapshots are written in: a takedown writes the same snapshot in another one.
    """

    form: int
    home: str
    snapshots: list[str]
    bytes: int
    modified: int


def build_catalog(home: Home) -> None:
    """Make `winnow.duckdb` show the kept snapshots. Readers that have the old file open keep it.

    Raises Terminal if the disk is full or broken, or if a file of a snapshot is missing.
    """
    built = _built(home)
    places = again(lambda: {place.name: read_snapshot(place) for place in snapshot_places(home)})
    with disk.aside(home.aside) as folder:
        beside = folder / home.catalog.name
        try:
            if built is not None:
                # Most views stay as they are, and making one costs a look into its files.
                shutil.copyfile(home.catalog, beside)
            _fill(home, beside, places, set(built.snapshots) if built is not None else set())
            fresh = _describe(home, beside, list(places))
            disk.put_in_place(beside, home.catalog)
        except duckdb.Error as error:
            raise Terminal(f"cannot build {home.catalog}: {error}; check the disk and run again") from error
        except OSError as error:
            raise disk.cannot_write(home.catalog, error) from error
        said = fresh.model_dump_json().encode()
        disk.write_file(_record(home), folder, lambda sink: sink.write(said))


def refresh_catalog_if_moved(home: Home) -> bool:
    """Rebuild `winnow.duckdb` if the home has moved, or if it does not show the kept snapshots. Tell whether it did."""
    built = _built(home)
    if built is not None and built.snapshots == [place.name for place in snapshot_places(home)]:
        return False
    build_catalog(home)
    return True


def views(home: Home, snapshot: Snapshot | None) -> dict[str, str]:
    """Say every table of `snapshot` as SQL; all are empty before the first one."""
    files: dict[str, list[Written]] = {table: [] for table in TABLES}
    for file in files_of(home, snapshot) if snapshot else []:
        files[file.table].append(file)
    said = {
        table: _view(table, [home.path / file.path for file in group], [file.columns for file in group])
        for table, group in files.items()
    }
    if snapshot is not None:
        said["files"] = _view("files", files_places(home, snapshot), [_fixed("files")])
        said["snapshots"] = _past(home, snapshot.snapshot)
    return said


def _past(home: Home, number: int) -> str:
    """Say as SQL the table `snapshots` as it stands in snapshot `number`."""
    return f"{_view('snapshots', snapshot_places(home), [_fixed('snapshots')])} WHERE snapshot <= {number}"


def _view(table: str, places: Sequence[Path], columns: Collection[Mapping[str, str]]) -> str:
    """Say as SQL what `table` over the files at `places` is; `columns` are the files' columns, name → type."""
    found = {name for names in columns for name in names}
    missing = [
        f"CAST(NULL AS {_sql_type(field.type)}) AS {_identifier(field.name)}"
        for field in TABLES[table]
        if field.name not in found
    ]
    if not places:
        return f"SELECT {', '.join(missing)} WHERE false"
    # Without this option DuckDB looks into the first file alone, which is much faster for hundreds of files.
    option = ", union_by_name = true" if len({frozenset(names) for names in columns}) > 1 else ""
    listed = ", ".join(literal(str(place)) for place in places)
    return f"SELECT {', '.join(['*', *missing])} FROM read_parquet([{listed}]{option})"  # noqa: S608  (quoted)


def _fill(home: Home, place: Path, kept: Mapping[str, Snapshot], shown: Collection[str]) -> None:
    """Make the views of the snapshots, which are `kept` in files of these names; those of `shown` ones may be there."""
    newest = list(kept.values())[-1] if kept else None
    older = {f"snapshot_{each.snapshot}": (name, each) for name, each in kept.items() if each is not newest}
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(str(place))} AS winnow (STORAGE_VERSION '{_STORAGE}')")
        connection.execute("USE winnow")
        connection.execute("BEGIN")
        there = {name for (name,) in connection.execute(_SCHEMAS).fetchall()}
        for schema in sorted(there):
            if schema not in older or older[schema][0] not in shown:
                connection.execute(f"DROP SCHEMA {schema} CASCADE")
        for schema, (name, snapshot) in older.items():
            is_new = schema not in there or name not in shown
            if is_new:
                connection.execute(f"CREATE SCHEMA {schema}")
            # Rows of expired snapshots are deleted, so that this view alone changes in older ones.
            _create(
                connection, schema, views(home, snapshot) if is_new else {"snapshots": _past(home, snapshot.snapshot)}
            )
        _create(connection, "main", views(home, newest))
        connection.execute("COMMIT")


def _create(connection: duckdb.DuckDBPyConnection, schema: str, said: Mapping[str, str]) -> None:
    for table, query in said.items():
        connection.execute(f"CREATE OR REPLACE VIEW {schema}.{_identifier(table)} AS {query}")


def _describe(home: Home, place: Path, kept: list[str]) -> _Built:
    status = place.stat()
    return _Built(
        form=_FORM,
        home=str(home.path),
        snapshots=kept,
        bytes=status.st_size,
        modified=status.st_mtime_ns,
    )


def _built(home: Home) -> _Built | None:
    """Return what is known of the catalog in place, or nothing if it is not this home's or of another form."""
    try:
        said = _Built.model_validate_json(_record(home).read_bytes())
        status = home.catalog.stat()
    except (FileNotFoundError, ValidationError):
        return None
    known = (said.form, said.home, said.bytes, said.modified)
    return said if known == (_FORM, str(home.path), status.st_size, status.st_mtime_ns) else None


def _record(home: Home) -> Path:
    return home.path / "catalog.json"


def _fixed(table: str) -> dict[str, str]:
    return {field.name: str(field.type) for field in TABLES[table]}


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return f"STRUCT({', '.join(f'{_identifier(field.name)} {_sql_type(field.type)}' for field in kind)})"
    return _SCALARS[kind]


def _identifier(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def literal(text: str) -> str:
    """Quote `text` as an SQL string."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
