"""What a frame must look like to become a file, and how it becomes one.

Parquet with zstd and page checksums, which pyarrow verifies: without them damaged pages can be read as wrong rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import Terminal
from schemas.tables import TABLES
from warehouse.disk import Sink

ROW_GROUP = 65_536
_LOOK = 1024
# The table whose columns the plan decides, and the types they may have.
_OPEN_TABLE = "metrics"
_OPEN_TYPES: dict[str, pa.DataType] = {
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
}


def is_internal(table: str) -> bool:
    """Tell whether `table` is an internal one: any columns, never published."""
    return table.startswith("_")


@cache
def fixed_schema(table: str) -> pl.Schema:
    """Return the fixed columns of a public table as polars types. Raises Terminal if there is no such table."""
    if table not in TABLES:
        raise Terminal(f"there is no table {table!r}; there are {', '.join(TABLES)}, and internal ones begin with '_'")
    return polars_schema(TABLES[table])


def polars_schema(schema: pa.Schema) -> pl.Schema:
    """Say an Arrow schema in polars types."""
    return pl.Schema(schema)


def whole_schema(table: str, files: Iterable[Mapping[str, str]]) -> pa.Schema:
    """Return the fixed columns of `table`, then those that some of `files` (column → type) have besides.

    Raises Terminal if two files disagree about a column's type.
    """
    fixed_schema(table)
    fixed = TABLES[table]
    further: dict[str, str] = {}
    for columns in files:
        for name in columns.keys() - set(fixed.names):
            if further.setdefault(name, columns[name]) != columns[name]:
                raise Terminal(
                    f"table {table}: column {name} is {further[name]} in one file and {columns[name]} in another"
                )
    return pa.schema([*fixed, *[pa.field(name, _OPEN_TYPES[further[name]]) for name in sorted(further)]])


def column_types(frame: pl.DataFrame) -> dict[str, str]:
    """Name the Arrow type of every column of a fitted `frame`."""
    return dict(_column_types(tuple(frame.schema.items())))


@cache
def _column_types(columns: tuple[tuple[str, pl.DataType], ...]) -> dict[str, str]:
    arrow = pl.DataFrame(schema=columns).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return {field.name: str(field.type).replace("large_", "") for field in arrow}


def fit(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return `frame` with exactly the columns of `table`, cast without loss to their fixed types.

    Raises Terminal that names the table and the column if one is missing, unknown, or holds something else.
    """
    if is_internal(table):
        return frame
    fixed = fixed_schema(table)
    missing = [name for name in fixed if name not in frame.columns]
    if missing:
        raise Terminal(f"table {table}: column {missing[0]} is missing")
    further = [name for name in frame.columns if name not in fixed]
    if further and table != _OPEN_TABLE:
        raise Terminal(f"table {table}: column {further[0]} is unknown; its columns are {', '.join(fixed)}")
    wanted = dict(fixed) | {name: _open_type(table, name, frame.schema[name]) for name in sorted(further)}
    return frame.select([_cast(table, frame[name], kind) for name, kind in wanted.items()])


def _open_type(table: str, name: str, kind: pl.DataType) -> pl.DataType:
    if kind.is_integer():
        return pl.Int64()
    if kind.is_float():
        return pl.Float64()
    if kind in (pl.Boolean, pl.String):
        return kind
    raise Terminal(f"table {table}: column {name} is {kind}, but a metric is a number, a Boolean or a text")


def _cast(table: str, column: pl.Series, kind: pl.DataType) -> pl.Series:
    if column.dtype == kind:
        return column
    if not _is_widening(column.dtype, kind):
        raise Terminal(f"table {table}: column {column.name} is {column.dtype}, not {kind}")
    try:
        return column.cast(kind, strict=True)
    except pl.exceptions.PolarsError as error:
        raise Terminal(f"table {table}: column {column.name} does not fit {kind}: {error}") from error


def _is_widening(have: Any, want: Any) -> bool:
    """Tell whether a cast keeps the meaning: text stays text, numbers stay numbers, an all-null column is anything."""
    if have in (want, pl.Null):
        return True
    if isinstance(have, pl.List | pl.Array):
        return isinstance(want, pl.List) and _is_widening(have.inner, want.inner)
    if isinstance(have, pl.Struct):
        return isinstance(want, pl.Struct) and [*have.to_schema()] == [*want.to_schema()]
    if isinstance(have, pl.Datetime):
        return isinstance(want, pl.Datetime) and have.time_zone is not None
    if isinstance(have, pl.Categorical | pl.Enum):
        return bool(want == pl.String)
    return bool((have.is_integer() and want.is_numeric()) or (have.is_float() and want.is_float()))


def fill(sink: Sink, frame: pl.DataFrame, *, exact: bool) -> None:
    """Write `frame` as Parquet. `exact` keeps polars' own types; else plain types that every reader knows."""
    # pyarrow can write neither the categories of polars' newest layout nor more than a row group of its text lists.
    level = pl.CompatLevel.oldest()
    pq.write_table(
        frame.to_arrow(compat_level=level),
        sink,
        row_group_size=ROW_GROUP,
        # Work files are read a few times and thrown away; their ids compress badly and slowly.
        compression="none" if exact else "zstd",
        compression_level=None if exact else 1,
        use_dictionary=[] if exact else _repeating(frame),
        write_page_checksum=True,
        store_schema=exact,
    )


def _repeating(frame: pl.DataFrame) -> list[str]:
    """Name the texts whose first values repeat: ids and prose would fill a dictionary and then be written without."""
    first = frame.head(_LOOK)
    return [name for name, kind in frame.schema.items() if kind == pl.String and first[name].n_unique() <= _LOOK // 4]
