from __future__ import annotations

import io

import polars as pl
import pyarrow.parquet as pq
import pytest

from schemas.errors import Terminal
from schemas.tables import TABLES
from tests.warehouse.shelf import frame
from warehouse import frames

AWARE = pl.Series([None], dtype=pl.Datetime("ms", "Europe/Berlin"))


def parquet(rows, *, exact=False):
    sink = io.BytesIO()
    frames.fill(sink, rows, exact=exact)
    return sink.getvalue()


@pytest.mark.parametrize("table", TABLES)
def test_every_public_table_is_stored_in_exactly_its_schema(table):
    rows = pl.DataFrame(schema=frames.fixed_schema(table)).clear(2)
    stored = pq.read_schema(io.BytesIO(parquet(frames.fit(table, rows))))
    assert stored == TABLES[table]
    assert frames.column_types(rows) == {field.name: str(field.type) for field in TABLES[table]}
    assert frames.whole_schema(table, [frames.column_types(rows)]) == TABLES[table]


@pytest.mark.parametrize(
    ("table", "name", "given", "stored"),
    [
        ("ratings", "value", pl.Series([3], dtype=pl.Int8), 3.0),
        ("ratings", "value", pl.Series([0.5], dtype=pl.Float32), 0.5),
        ("ratings", "dimension", pl.Series(["x"], dtype=pl.Categorical), "x"),
        ("ratings", "dimension", pl.Series(["x"], dtype=pl.Enum(["x"])), "x"),
        ("ratings", "dimension", pl.Series([None], dtype=pl.Null), None),
        ("rows", "line", pl.Series([7], dtype=pl.UInt64), 7),
        ("records", "row_ids", pl.Series([[None]], dtype=pl.List(pl.Null)), [None]),
        ("embeddings", "vector", pl.Series([[0.5, 1.0]], dtype=pl.Array(pl.Float32, 2)), [0.5, 1.0]),
        ("embeddings", "vector", pl.Series([[0.5]], dtype=pl.List(pl.Float64)), [0.5]),
        ("trainings", "started_at", AWARE, None),
        ("metrics", "tokens", pl.Series([7], dtype=pl.UInt16), 7),
        ("metrics", "clip", pl.Series([0.5], dtype=pl.Float32), 0.5),
        ("metrics", "ascii", pl.Series([True]), True),
    ],
)
def test_casts_keep_the_meaning(table, name, given, stored):
    fitted = frames.fit(table, frame(table, "id", **{name: given}))
    assert fitted[name].to_list() == [stored]
    assert dict(fitted.schema) == dict(frames.polars_schema(frames.whole_schema(table, [frames.column_types(fitted)])))


@pytest.mark.parametrize(
    ("table", "name", "given"),
    [
        ("ratings", "value", pl.Series(["3"])),
        ("ratings", "dimension", pl.Series([3])),
        ("rows", "line", pl.Series([1.5])),
        ("rows", "line", pl.Series([2**63], dtype=pl.UInt64)),
        ("comparisons", "n_votes", pl.Series([True])),
        ("records", "row_ids", pl.Series(["x"])),
        ("records", "row_ids", pl.Series([[1]])),
        ("records", "prompt_messages", pl.Series([[{"role": "user"}]])),
        ("trainings", "started_at", pl.Series([None], dtype=pl.Datetime("us"))),
        ("metrics", "name", pl.Series([["x"]])),
        ("metrics", "empty", pl.Series([None], dtype=pl.Null)),
    ],
)
def test_anything_else_is_refused_by_table_and_column(table, name, given):
    with pytest.raises(Terminal, match=f"table {table}: column {name} "):
        frames.fit(table, frame(table, "id", **{name: given}))


def test_missing_unknown_and_unheard_of():
    with pytest.raises(Terminal, match="table splits: column split is missing"):
        frames.fit("splits", pl.DataFrame({"component_id": ["a"]}))
    with pytest.raises(Terminal, match="table splits: column extra is unknown"):
        frames.fit("splits", frame("splits", "a", extra=pl.lit(1)))
    with pytest.raises(Terminal, match="no table 'spilts'"):
        frames.fit("spilts", pl.DataFrame())


def test_columns_come_in_the_order_of_the_schema():
    given = frame("metrics", "a", z=pl.lit(1.0), b=pl.lit(2)).select("z", "b", "pair_id")
    assert frames.fit("metrics", given).columns == ["pair_id", "b", "z"]


def test_internal_tables_keep_their_types():
    given = pl.DataFrame(
        {
            "hash": pl.Series([2**64 - 1, None], dtype=pl.UInt64),
            "bands": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.UInt32, 2)),
            "blob": pl.Series([b"\x00", None]),
            "kind": pl.Series(["x", "y"], dtype=pl.Enum(["x", "y"])),
            "small": pl.Series([1, -1], dtype=pl.Int8),
        }
    )
    assert frames.fit("_signatures", given) is given
    stored = pl.read_parquet(parquet(given, exact=True))
    assert stored.schema == given.schema
    assert stored.equals(given)


def test_two_files_may_not_disagree_about_a_metric():
    agreed = frames.whole_schema("metrics", [{"pair_id": "string", "b": "bool"}, {"pair_id": "string", "a": "int64"}])
    assert agreed.names == ["pair_id", "a", "b"]
    with pytest.raises(Terminal, match="metrics: column a is int64 in one file and double in another"):
        frames.whole_schema("metrics", [{"a": "int64"}, {"a": "double"}])


def test_damaged_pages_are_found_on_reading():
    data = bytearray(parquet(frame("splits", *[f"name {number}" for number in range(500)])))
    damage = 60
    data[damage] ^= 0xFF
    with pytest.raises(OSError, match=r"(?i)crc|checksum|corrupt"):
        pq.read_table(io.BytesIO(bytes(data)), page_checksum_verification=True)
