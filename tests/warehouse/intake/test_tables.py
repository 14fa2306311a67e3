"""Columnar files read in a child process: what goes wrong there costs a row group or a file, never the run."""

import gzip
import os
import sys
from itertools import chain

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from schemas.rows.batch import Rows, Table
from tests.warehouse.intake.reading import everything, reasons, rows_of, shards_of
from warehouse.intake import tables
from warehouse.intake.tables import worker
from warehouse.intake.tables.worker import Worker

ROWS = [{"n": n, "text": f"row {n}", "tags": ["a"] * (n % 3)} for n in range(3000)]


def write_parquet(place, rows=ROWS, **options):
    options = {"row_group_size": 500, "write_page_checksum": True, "compression": "zstd"} | options
    pq.write_table(pa.Table.from_pylist(rows), place, **options)


def write_stream(place):
    table = pa.Table.from_pylist(ROWS)
    with pa.ipc.new_stream(place, table.schema) as writer:
        writer.write_table(table, max_chunksize=700)


WRITERS = {
    "a.parquet": write_parquet,
    "b.parquet": lambda place: write_parquet(place, write_page_checksum=False),
    "c.feather": lambda place: pyarrow.feather.write_feather(pa.Table.from_pylist(ROWS), place),
    "d.arrow": write_stream,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_row_arrives_with_its_number(tmp_path, name):
    WRITERS[name](tmp_path / name)
    rows = everything(tmp_path, name)
    assert rows.docs == ROWS
    assert rows.lines == list(range(1, 3001))
    assert set(rows.byte_offsets) == {None}
    assert rows.raw[4] == '{"n":4,"text":"row 4","tags":["a"]}'


def test_a_packed_table_is_unpacked_first(tmp_path):
    write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    assert everything(tmp_path, "b.parquet.gz").docs == ROWS


def test_a_limit_takes_the_first_rows(tmp_path):
    write_parquet(tmp_path / "a.parquet")
    (shard,) = shards_of(tmp_path, "a.parquet")
    assert rows_of(shard, limit=1203).docs == ROWS[:1203]


def damage(place, group, column=1):
    """Change a byte in the first page of a row group."""
    chunk = pq.ParquetFile(place).metadata.row_group(group).column(column)
    data = bytearray(place.read_bytes())
    data[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 0xFF
    place.write_bytes(data)


def test_a_damaged_row_group_costs_its_own_rows_only(tmp_path):
    write_parquet(tmp_path / "a.parquet")
    damage(tmp_path / "a.parquet", 2)
    rows = everything(tmp_path, "a.parquet")
    assert rows.docs == [*ROWS[:1000], *ROWS[1500:]]
    assert reasons(rows) == [(line, "damaged_file") for line in range(1001, 1501)]
    assert rows.bad[0].detail.startswith("row group 2: OSError")


@pytest.mark.parametrize("damage", [lambda data: data[:-200], lambda data: b"", lambda data: b"PAR1" * 20])
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.feather"])
def test_a_file_that_cannot_be_opened_is_one_bad_row(tmp_path, name, damage):
    write_parquet(tmp_path / "whole.parquet")
    (tmp_path / name).write_bytes(damage((tmp_path / "whole.parquet").read_bytes()))
    rows = everything(tmp_path, name)
    assert not rows.docs
    assert reasons(rows) == [(1, "damaged_file")]


def test_an_arrow_stream_that_is_cut_keeps_what_came_before(tmp_path):
    write_stream(tmp_path / "a.arrow")
    whole = (tmp_path / "a.arrow").read_bytes()
    (tmp_path / "b.arrow").write_bytes(whole[: len(whole) // 2])
    rows = everything(tmp_path, "b.arrow")
    assert rows.docs == ROWS[: len(rows.docs)]
    assert reasons(rows) == [(len(rows.docs) + 1, "damaged_file")]


def test_a_text_that_is_no_utf8_costs_its_own_row(tmp_path):
    texts = pa.array([b"good", b"\xff\xfe", b"fine"]).view(pa.string())
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    rows = everything(tmp_path, "a.parquet")
    assert [doc["text"] for doc in rows.docs] == ["good", "fine"]
    assert rows.lines == [1, 3]
    assert reasons(rows) == [(2, "not_utf8")]


def test_children_are_reused(tmp_path, monkeypatch):
    write_parquet(tmp_path / "a.parquet", ROWS[:10])
    started = []

    def start():
        started.append(Worker())
        return started[-1]

    monkeypatch.setattr(worker, "_idle", [])
    monkeypatch.setattr(worker, "Worker", start)
    for _ in range(5):
        everything(tmp_path, "a.parquet")
    assert len(started) == 1
    started[0].close()


def test_two_files_can_be_read_in_turns(tmp_path):
    write_parquet(tmp_path / "a.parquet")
    write_parquet(tmp_path / "b.parquet", ROWS[::-1])
    one, other = (tables.read(tmp_path / name, "parquet") for name in ("a.parquet", "b.parquet"))
    pairs = list(zip(one, other, strict=True))
    assert sum(left.batch.num_rows for left, _ in pairs) == sum(right.batch.num_rows for _, right in pairs) == 3000


def test_a_file_that_makes_its_reader_hang_is_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "_idle", [])
    monkeypatch.setattr(worker, "STEP_SECONDS", 0.3)
    os.mkfifo(tmp_path / "a.parquet")
    (rows,) = tables.read(tmp_path / "a.parquet", "parquet")
    assert rows.bad[0].detail == "reading it ended the reader with signal 14"
    assert tables.count(tmp_path / "a.parquet", "parquet") == 1


def test_a_row_that_needs_more_than_the_memory_is_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "_idle", [])
    monkeypatch.setattr(worker, "MEMORY_BYTES", 330 << 20)
    pq.write_table(pa.table({"text": ["a", "x" * (24 << 20), "b"]}), tmp_path / "a.parquet", row_group_size=1)
    rows = everything(tmp_path, "a.parquet")
    assert [doc["text"] for doc in rows.docs] == ["a", "b"]
    assert reasons(rows) == [(2, "damaged_file")]


def test_what_a_dictionary_abbreviates_comes_in_portions(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "PORTION_BYTES", 1 << 20)
    texts = pa.array(["x" * (1 << 18), "y", "z" * (1 << 20)])
    short = pa.DictionaryArray.from_arrays(pa.array([0] * 15 + [1, 2, 1], pa.int32()), texts)
    lists = pa.ListArray.from_arrays(pa.array(range(19), pa.int32()), short)
    pq.write_table(pa.table({"text": short, "list": lists}), tmp_path / "a.parquet")
    parts = list(tables.read(tmp_path / "a.parquet", "parquet"))
    batches = [part.batch for part in parts if isinstance(part, Table)]
    assert max(batch.nbytes for batch in batches) <= 1 << 20
    assert sum(batch.num_rows for batch in batches) == 17
    assert batches[-1].to_pylist() == [{"text": "y", "list": ["y"]}]
    assert [bad.line for part in parts if isinstance(part, Rows) for bad in part.bad] == [17]


DYING = """
import json, os, struct, sys
def send(**header):
    said = json.dumps(header).encode()
    sys.stdout.buffer.write(struct.pack(">II", len(said), 0) + said)
    sys.stdout.buffer.flush()
for line in sys.stdin:
    send(kind="groups", rows=[2, 3, 4, 5, 6])
    for group in range(json.loads(line)["first_group"], 5):
        send(kind="group", group=group)
        if group % 2 == {parity}:
            os.abort()
    send(kind="end")
"""


@pytest.mark.parametrize(
    ("parity", "lost"), [(1, [*range(3, 6), *range(10, 15)]), (0, [1, 2, *range(6, 10), *range(15, 21)])]
)
def test_a_child_that_dies_takes_one_row_group_with_it(tmp_path, monkeypatch, parity, lost):
    monkeypatch.setattr(worker, "_idle", [])
    script = DYING.replace("{parity}", str(parity))
    monkeypatch.setattr(worker, "Worker", lambda: Worker([sys.executable, "-c", script]))
    parts = list(tables.read(tmp_path / "a.parquet", "parquet"))
    assert [bad.line for bad in chain.from_iterable(part.bad for part in parts)] == lost


def test_a_file_that_ends_every_child_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "_idle", [])
    script = DYING.replace("group % 2 == {parity}", "True")
    monkeypatch.setattr(worker, "Worker", lambda: Worker([sys.executable, "-c", script]))
    parts = list(tables.read(tmp_path / "a.parquet", "parquet"))
    assert [bad.line for bad in chain.from_iterable(part.bad for part in parts)] == list(range(1, 21))
