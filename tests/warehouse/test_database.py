from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

import warehouse
from schemas.errors import Terminal
from schemas.tables import TABLES
from tests.warehouse.shelf import everything, frame, put, show
from warehouse.frames import fixed_schema
from warehouse.home import Home
from warehouse.store import Store


@pytest.fixture(scope="module")
def shown(empty_home, tmp_path_factory):
    """A snapshot with two kept pairs in two splits, of two dimensions, and one that was dropped."""
    store = Store(Home.at(shutil.copytree(empty_home.path, tmp_path_factory.mktemp("shown") / "home")))
    rows = frame(
        "pairs",
        "p1",
        "p2",
        "p3",
        kept=pl.Series([True, True, False]),
        split=pl.Series(["train", "test", None]),
        dimension=pl.Series(["helpful", "harmless", "helpful"]),
        sources=pl.Series([["x", "y"], ["x"], ["x"]]),
    )
    show(store, [store.write("pairs", {"pairs": rows})], keep=2)
    return store.home


@pytest.fixture
def changing(shown, tmp_path):
    """A copy of it, for a test that publishes more."""
    return Store(Home.at(shutil.copytree(shown.path, tmp_path / "copy")))


@pytest.fixture(scope="module")
def opened(shown):
    return warehouse.open(shown)


def test_a_home_without_a_snapshot_cannot_be_opened(home, tmp_path):
    with pytest.raises(Terminal, match="no snapshot yet"):
        warehouse.open(home)
    with pytest.raises(Terminal, match="no winnow home"):
        warehouse.open(tmp_path / "nowhere")


def test_sql_answers_with_the_types_of_the_tables(opened):
    answer = opened.sql("select * from pairs order by pair_id")
    assert answer.schema == frame("pairs").schema
    assert answer["sources"].to_list() == [["x", "y"], ["x"], ["x"]]


def test_times_come_back_as_utc(opened):
    assert opened.sql("select created_at from snapshots").item() == opened.snapshot.created_at


def test_values_are_never_part_of_the_query(opened):
    hostile = "p1' or true --"
    assert opened.sql("select pair_id from pairs where pair_id = $id", {"id": hostile}).is_empty()
    assert opened.sql("select pair_id from pairs where pair_id = ?", ["p1"])["pair_id"].to_list() == ["p1"]
    found = opened.sql("select pair_id from pairs where list_contains($ids, pair_id)", {"ids": ["p1", "p3", hostile]})
    assert found["pair_id"].to_list() == ["p1", "p3"]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("with chosen as (select * from PAIRS where kept) select count(*) from chosen", 2),
        ('select count(*) from main."pairs" join splits on pairs.component_id = splits.component_id', 0),
        ("select (select count(*) from pairs) + (select count(*) from rows)", 3),
        ("select count(*) from (describe pairs)", len(TABLES["pairs"])),
        ("select count(*) from (show tables)", len(TABLES)),
        ("select count(*) from duckdb_views() where not internal", len(TABLES)),
        ("select count(*) from (from pairs) where pair_id in (select pair_id from pairs)", 3),
    ],
)
def test_queries_see_the_tables_they_name(opened, query, answer):
    assert opened.sql(query).item() == answer
    assert opened.sql(query).item() == answer


@pytest.mark.parametrize(
    "query",
    [
        "copy (select 1) to '{tables}/pairs/new.parquet'",
        "explain analyze copy (select 1) to '{tables}/pairs/new.parquet'",
        "select 1; copy (select 1) to '{tables}/pairs/new.parquet'",
        "copy (select 1) to '{outside}'",
        "create table t as select 1",
        "attach '{outside}' as other",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "install httpfs",
        "load httpfs",
        "drop view pairs",
        "pragma database_list",
        "call pragma_version()",
        "export database '{outside}'",
        "",
        ";",
        "not sql at all",
        "select * from nowhere",
        "select * from '{secret}'",
        "select * from read_text('{secret}')",
        "select * from read_csv('{secret}')",
        "select * from glob('{folder}/*')",
        "select * from read_text('{tables}/../format')",
        "select * from read_parquet('https://example.org/x.parquet')",
        "select * from local_frame",
        "select pair_id, pair_id from pairs join pairs as p using (pair_key), values (1) t(pair_id)",
    ],
)
def test_sql_reads_the_tables_and_nothing_else(opened, shown, tmp_path, query):
    local_frame = pl.DataFrame({"a": [1]})
    secret = tmp_path / "secret.csv"
    secret.write_text("secret\n1\n")
    outside = tmp_path / "outside"
    before = everything(shown)
    filled = query.format(tables=shown.tables, outside=outside, secret=secret, folder=tmp_path)
    with pytest.raises(Terminal):
        opened.sql(filled)
    assert not outside.exists()
    assert everything(shown) == before
    assert opened.sql("select count(*) from pairs").item() == len(local_frame) + 2


def test_a_snapshot_stays_as_it_was_opened(changing):
    opened = warehouse.open(changing.home)
    show(changing, [put(changing, "new", splits=["s"])], keep=2)
    assert opened.sql("select count(*) from pairs").item() == 3
    assert opened.sql("select count(*) from snapshots").item() == 1
    assert opened.table("snapshots").collect().height == 1
    newer = warehouse.open(changing.home)
    assert newer.sql("select count(*) from pairs").item() == 0
    assert newer.table("snapshots").collect()["snapshot"].to_list() == [1, 2]


def test_time_travel(changing):
    show(changing, [put(changing, "new", splits=["s"])], keep=2)
    past = warehouse.open(changing.home, at=1)
    assert past.snapshot.snapshot == 1
    assert past.sql("select count(*) from pairs").item() == past.table("pairs").collect().height == 3
    with pytest.raises(Terminal, match="never had a snapshot 7; there are 1, 2"):
        warehouse.open(changing.home, at=7)


@pytest.mark.parametrize("table", TABLES)
def test_frames_and_sql_tell_the_same(opened, table):
    told = opened.table(table).collect()
    assert opened.sql(f"select * from {table}").rows() == told.rows()
    assert told.schema == fixed_schema(table)


def test_an_unknown_table_is_said(opened):
    with pytest.raises(Terminal, match="no table 'pears'"):
        opened.table("pears")


def test_pairs_are_the_kept_ones(opened):
    assert opened.pairs().collect()["pair_id"].to_list() == ["p1", "p2"]
    assert opened.pairs(split="train").collect()["pair_id"].to_list() == ["p1"]
    assert opened.pairs(dimension="harmless").collect()["pair_id"].to_list() == ["p2"]
    assert opened.pairs(split="train", dimension="harmless").collect().is_empty()


def test_pairs_become_a_hugging_face_dataset(opened):
    dataset = opened.to_datasets(split="train")
    assert dataset["pair_id"][:] == ["p1"]
    assert dataset["sources"][:] == [["x", "y"]]
    assert dataset.column_names == TABLES["pairs"].names


def test_threads_may_share_an_opened_snapshot(opened):
    tables = [table for table in TABLES for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda table: opened.sql(f"select count(*) from {table}").item(), tables))
    assert counts[tables.index("pairs")] == 3


def test_reading_changes_nothing(shown):
    before = everything(shown)
    listed = sorted(os.listdir(shown.path))
    opened = warehouse.open(Home.at(shown.path, create=False))
    opened.sql("select * from pairs")
    opened.pairs().collect()
    assert everything(shown) == before
    assert sorted(os.listdir(shown.path)) == listed
