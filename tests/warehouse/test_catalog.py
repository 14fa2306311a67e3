from __future__ import annotations

import os
import shutil
import subprocess
import sys

import duckdb
import polars as pl
import pytest

from schemas.errors import Terminal
from schemas.tables import TABLES
from tests.warehouse.shelf import PUBLIC, frame, put, show
from warehouse import catalog
from warehouse.catalog import build_catalog, refresh_catalog_if_moved
from warehouse.delta.snapshots import head
from warehouse.home import Home
from warehouse.store import Store

READ = """
import os, sys, duckdb
os.chdir("/")
print(duckdb.connect(sys.argv[1], read_only=True).execute("select component_id from splits").fetchall())
"""


def ask(home, query):
    with duckdb.connect(str(home.catalog), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_before_the_first_publish_every_table_is_there_and_empty(home):
    build_catalog(home)
    counts = " union all ".join(f"select count(*) from {table}" for table in TABLES)
    assert ask(home, f"select distinct * from ({counts})") == [(0,)]


def test_an_empty_table_has_the_types_of_a_full_one(store):
    def types():
        build_catalog(store.home)
        columns = "table_name, column_index, column_name, data_type"
        return ask(
            store.home,
            f"select {columns} from duckdb_columns() where database_name = 'winnow' and schema_name = 'main' order by all",
        )

    show(store, [])
    empty = types()
    show(store, [put(store, "k", **{table: ["a"] for table in PUBLIC})])
    assert types() == empty
    assert len(empty) == sum(len(schema) for schema in TABLES.values())


def test_main_is_the_newest_and_older_ones_have_schemas(store):
    for name in ("a", "b", "c"):
        show(store, [put(store, name, splits=[name])], keep=2)
        build_catalog(store.home)
    assert ask(store.home, "select component_id from splits") == [("c",)]
    assert ask(store.home, "select component_id from snapshot_2.splits") == [("b",)]
    assert ask(store.home, "select schema_name from duckdb_schemas() where schema_name like 'snap%'") == [
        ("snapshot_2",)
    ]
    assert ask(store.home, "select snapshot from snapshots order by all") == [(2,), (3,)]
    assert ask(store.home, "select snapshot from snapshot_2.snapshots") == [(2,)]
    assert ask(store.home, "select distinct table_type from information_schema.tables") == [("VIEW",)]


def test_building_from_the_last_one_equals_building_from_nothing(store):
    said = "select schema_name, view_name, sql from duckdb_views() where not internal order by all"
    for number, name in enumerate(("a", "b", "c", "d")):
        show(store, [put(store, name, splits=[name], rows=["r"] * number)], keep=3)
        build_catalog(store.home)
    step_by_step = ask(store.home, said)
    store.home.catalog.unlink()
    build_catalog(store.home)
    assert ask(store.home, said) == step_by_step


def test_files_that_were_removed_are_not_read_again(store):
    a, b = put(store, "a", splits=["a"]), put(store, "b", splits=["b"])
    show(store, [a, b])
    show(store, [b])
    build_catalog(store.home)
    assert (store.home.tables / "splits" / "a.parquet").exists()
    assert ask(store.home, "select component_id from splits") == [("b",)]


def test_metrics_of_files_are_united_by_name(store):
    receipts = [
        store.write("a", {"metrics": frame("metrics", "p", clip=pl.lit(0.5))}),
        store.write("b", {"metrics": frame("metrics", "q", words=pl.lit(3))}),
    ]
    show(store, receipts)
    build_catalog(store.home)
    assert ask(store.home, "select pair_id, clip, words from metrics order by all") == [
        ("p", 0.5, None),
        ("q", None, 3),
    ]


def test_a_column_that_no_file_has_yet_is_null(store):
    a = put(store, "a", splits=["a"])
    place = store.home.path / a.files[0].path
    pl.read_parquet(place).drop("split").write_parquet(place)
    old = a.files[0].model_copy(update={"bytes": place.stat().st_size, "columns": {"component_id": "string"}})
    show(store, [a.model_copy(update={"files": [old]})])
    build_catalog(store.home)
    assert ask(store.home, "select component_id, split from splits") == [("a", None)]


def test_files_are_listed(store):
    published = show(store, [put(store, "a", splits=["a", "b"])])
    build_catalog(store.home)
    assert ask(store.home, "select path, rows from files where \"table\" = 'splits'") == [
        ("tables/splits/a.parquet", 2)
    ]
    assert ask(store.home, "select snapshot, run_key from snapshots") == [(1, published.run_key)]


def test_it_can_be_read_from_anywhere(store):
    show(store, [put(store, "a", splits=["a"])])
    build_catalog(store.home)
    child = subprocess.run(
        [sys.executable, "-c", READ, str(store.home.catalog)], capture_output=True, text=True, check=True
    )
    assert child.stdout.strip() == "[('a',)]"


def test_a_reader_with_the_old_file_open_keeps_it(store):
    show(store, [put(store, "a", splits=["a"])])
    build_catalog(store.home)
    with duckdb.connect(str(store.home.catalog), read_only=True) as reader:
        show(store, [put(store, "b", splits=["b"])])
        build_catalog(store.home)
        assert reader.execute("select component_id from splits").fetchall() == [("a",)]


def test_a_moved_home_is_noticed_and_mended(store, tmp_path):
    show(store, [put(store, "a", splits=["a"])])
    show(store, [put(store, "b", splits=["b"])])
    build_catalog(store.home)
    assert not refresh_catalog_if_moved(store.home)
    moved = Home.at(shutil.move(store.home.path, tmp_path / "it's [moved] *here*"), create=False)
    assert refresh_catalog_if_moved(moved)
    assert not refresh_catalog_if_moved(moved)
    assert ask(moved, "select component_id from splits") == [("b",)]
    assert ask(moved, "select component_id from snapshot_1.splits") == [("a",)]
    assert show(Store(moved), [put(Store(moved), "b", splits=["b"])]) is None


def test_a_publish_that_died_before_the_catalog_is_noticed(store):
    show(store, [put(store, "a", splits=["a"])])
    build_catalog(store.home)
    show(store, [put(store, "b", splits=["b"])])
    assert refresh_catalog_if_moved(store.home)
    assert ask(store.home, "select component_id from splits") == [("b",)]


@pytest.mark.parametrize("damage", ["catalog gone", "record gone", "record torn", "another catalog", "another form"])
def test_whatever_is_wrong_with_the_catalog_is_mended(store, damage, monkeypatch):
    show(store, [put(store, "a", splits=["a"])])
    build_catalog(store.home)
    record = store.home.path / "catalog.json"
    if damage == "catalog gone":
        store.home.catalog.unlink()
    elif damage == "record gone":
        record.unlink()
    elif damage == "record torn":
        record.write_bytes(record.read_bytes()[:-1])
    elif damage == "another catalog":
        store.home.catalog.write_bytes(b"not a database")
    else:
        monkeypatch.setattr(catalog, "_FORM", 0)
    assert refresh_catalog_if_moved(store.home)
    assert ask(store.home, "select component_id from splits") == [("a",)]


def test_a_lost_file_of_a_snapshot_is_said(store):
    a = put(store, "a", splits=["a"])
    show(store, [a])
    os.unlink(store.home.path / a.files[0].path)
    with pytest.raises(Terminal, match=r"cannot build .*winnow.duckdb: .*a.parquet"):
        build_catalog(store.home)
    assert head(store.home).snapshot == 1
    assert list(store.home.aside.iterdir()) == []
