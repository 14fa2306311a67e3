from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pyarrow.parquet as pq
import pytest

from schemas.errors import Terminal
from tests.warehouse.shelf import everything, frame, put
from warehouse import disk
from warehouse.store import Store


def test_a_key_is_complete_once_it_is_written(store):
    assert store.receipt("k1") is None
    written = store.write("k1", {"splits": frame("splits", "a", "b"), "rows": frame("rows")}, {"shards": [1, 2]})
    assert store.receipt("k1") == written
    assert written.notes == {"shards": [1, 2]}
    (file,) = written.files
    place = store.home.path / file.path
    assert file.path == "tables/splits/k1.parquet"
    assert (file.rows, file.bytes) == (2, place.stat().st_size)
    assert file.sha256 == hashlib.sha256(place.read_bytes()).hexdigest()
    assert file.columns == {"component_id": "string", "split": "string"}
    assert list(store.home.aside.iterdir()) == []


def test_a_complete_key_is_never_written_again(store):
    first = put(store, "k1", splits=["a"])
    before = everything(store.home)
    assert store.write("k1", {"splits": frame("splits", "other")}, {"new": True}) == first
    assert everything(store.home) == before


def test_empty_work_is_complete_too(store):
    assert store.write("k1", {}).files == []
    assert store.receipt("k1") is not None


@pytest.mark.parametrize("key", ["", "../up", "a/b", "a.b", "-x", "x" * 200])
def test_keys_cannot_leave_the_home(store, key):
    with pytest.raises(Terminal, match="cannot be a key"):
        store.write(key, {})
    with pytest.raises(Terminal, match="cannot be a key"):
        store.receipt(key)


def test_a_wrong_frame_leaves_nothing(store):
    before = everything(store.home)
    with pytest.raises(Terminal, match="table rows: column line is missing"):
        store.write("k1", {"splits": frame("splits", "a"), "rows": frame("rows", "a").drop("line")})
    assert everything(store.home) == before


@pytest.mark.parametrize("damage", ["missing", "short", "torn receipt"])
def test_what_is_damaged_is_not_complete_and_is_made_again(store, damage):
    put(store, "k1", splits=["a"], rows=["r"])
    place = store.home.tables / "splits" / "k1.parquet"
    receipt = store.home.work / "receipts" / "k1.json"
    if damage == "missing":
        place.unlink()
    elif damage == "short":
        place.write_bytes(place.read_bytes()[:-1])
    else:
        receipt.write_bytes(receipt.read_bytes()[:-1])
    assert store.receipt("k1") is None
    put(store, "k1", splits=["a"], rows=["r"])
    assert store.scan(["k1"], "splits").collect()["component_id"].to_list() == ["a"]


def test_what_a_crash_left_is_overwritten(store):
    (store.home.tables / "splits" / "k1.parquet").write_bytes(b"half of a file that a dead writer renamed")
    (store.home.aside / "key-k1").mkdir()
    (store.home.aside / "key-k1" / "k1.parquet").write_bytes(b"half of a file")
    put(store, "k1", splits=["a"])
    assert store.scan(["k1"], "splits").collect()["component_id"].to_list() == ["a"]
    assert list(store.home.aside.iterdir()) == []


def test_scanning_keeps_the_order_of_keys_and_counts_each_once(store):
    put(store, "k1", splits=["b", "c"])
    put(store, "k2", splits=["a"])
    put(store, "k3", rows=["r"])
    found = store.scan(["k2", "k3", "k1", "k2"], "splits").collect()
    assert found["component_id"].to_list() == ["a", "b", "c"]


def test_scanning_nothing_has_the_columns_all_the_same(store):
    put(store, "k1", rows=["r"])
    assert store.scan(["k1"], "pairs").collect().schema == frame("pairs").schema
    assert store.scan([], "metrics").collect().columns == ["pair_id"]


def test_metrics_of_keys_are_united(store):
    store.write("k1", {"metrics": frame("metrics", "a", clip=pl.lit(0.5))})
    store.write("k2", {"metrics": frame("metrics", "b", tokens=pl.lit(3))})
    found = store.scan(["k1", "k2"], "metrics").collect()
    assert found.to_dicts() == [
        {"pair_id": "a", "clip": 0.5, "tokens": None},
        {"pair_id": "b", "clip": None, "tokens": 3},
    ]


def test_a_column_that_is_newer_than_a_file_reads_as_null(store):
    old = put(store, "k1", splits=["a"])
    place = store.home.path / old.files[0].path
    pl.read_parquet(place).drop("split").write_parquet(place)
    older = old.model_copy(
        update={
            "files": [
                old.files[0].model_copy(update={"bytes": place.stat().st_size, "columns": {"component_id": "string"}})
            ]
        }
    )
    (store.home.work / "receipts" / "k1.json").write_text(older.model_dump_json())
    assert store.scan(["k1"], "splits").collect().to_dicts() == [{"component_id": "a", "split": None}]


def test_internal_tables_are_never_public(store):
    signatures = pl.DataFrame({"hash": pl.Series([2**64 - 1], dtype=pl.UInt64)})
    receipt = store.write("k1", {"_signatures": signatures})
    assert [file.path for file in receipt.files] == ["work/_signatures/k1.parquet"]
    assert store.scan(["k1"], "_signatures").collect().equals(signatures)


def test_an_internal_table_without_rows_needs_its_columns(store):
    store.write("k1", {})
    with pytest.raises(Terminal, match="no key has rows of the internal table _x"):
        store.scan(["k1"], "_x")
    assert store.scan(["k1"], "_x", pl.Schema({"a": pl.Int8})).collect().schema == {"a": pl.Int8}


def test_an_incomplete_key_cannot_be_read(store):
    with pytest.raises(Terminal, match="key k9 is not complete"):
        store.scan(["k9"], "rows")


def test_an_unknown_table_cannot_be_read(store):
    with pytest.raises(Terminal, match="no table 'row'"):
        store.scan([], "row")


def test_many_writers_of_one_key_write_it_once(store):
    def write(number):
        return Store(store.home).write("k1", {"splits": frame("splits", f"writer {number}")})

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(write, range(8)))
    assert all(receipt == receipts[0] for receipt in receipts)
    assert store.receipt("k1") == receipts[0]
    assert store.scan(["k1"], "splits").collect().height == 1


def test_forgetting_leaves_nothing_and_can_be_repeated(store):
    put(store, "k1", splits=["a"], rows=["r"])
    put(store, "k2", splits=["b"])
    before = everything(store.home)
    store.forget("k1")
    store.forget("k1")
    assert store.receipt("k1") is None
    assert {path.stem for path in set(before) - set(everything(store.home))} == {"k1"}
    assert everything(store.home).items() <= before.items()


def test_sweeping_takes_unfinished_work_alone(store):
    put(store, "done", splits=["a"])
    store.write("inner", {"_x": pl.DataFrame({"a": [1]})})
    for left in (store.home.tables / "rows" / "dead.parquet", store.home.work / "_x" / "dead.parquet"):
        disk.write_bytes(left, store.home.aside, b"renamed, but the writer died before the receipt")
    store.sweep()
    assert {path.stem for path in everything(store.home) if path.suffix == ".parquet"} == {"done", "inner"}


def test_files_are_plain_parquet_with_checksums_and_bounded_row_groups(store):
    receipt = store.write("k1", {"splits": frame("splits", *map(str, range(70_000)))})
    file = pq.ParquetFile(store.home.path / receipt.files[0].path)
    assert file.metadata.num_row_groups == 2
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert file.metadata.metadata is None, "no types of one library's own"


def test_receipts_are_readable_by_people(store):
    put(store, "k1", splits=["a"])
    said = json.loads((store.home.work / "receipts" / "k1.json").read_text())
    assert said["key"] == "k1"
    assert said["files"][0]["table"] == "splits"
