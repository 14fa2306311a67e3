"""Sheets of xlsx files: a header, typed cells, and no rows where there is only formatting."""

import gzip

import pytest

from schemas.mapping.layout import Layout
from tests.warehouse.intake.reading import everything, joined, reasons, rows_of, shards_of
from tests.warehouse.intake.sheet_files import write

HEADER = ["id", "text", "is_good"]
NOTHING = [None, None, None]


def laid_out(root, path, **layout):
    return joined([rows_of(shard) for shard in shards_of(root, path, layout=Layout(**layout))])


@pytest.mark.parametrize("inline", [True, False])
def test_cells_have_types_and_formatted_rows_at_the_end_are_none(tmp_path, inline):
    rows = [HEADER, [1, "Où & <là>", True], [2.5, None, None], NOTHING, [4, "", False], NOTHING, NOTHING]
    write(tmp_path / "a.xlsx", rows, inline=inline)
    read = everything(tmp_path, "a.xlsx")
    assert read.docs == [
        {"id": 1, "text": "Où & <là>", "is_good": True}, {"id": 2.5, "text": None, "is_good": None},
        {"id": 4, "text": None, "is_good": False},
    ]  # fmt: skip
    assert (read.lines, read.blank, read.bad) == ([2, 3, 5], [(4, None)], [])


def test_blank_rows_before_the_header_are_none_and_later_ones_are_blank(tmp_path):
    write(tmp_path / "a.xlsx", [NOTHING, HEADER, NOTHING, [1, "x", True]])
    read = everything(tmp_path, "a.xlsx")
    assert (read.lines, read.blank) == ([4], [(3, None)])


def test_a_sheet_without_a_header_gets_its_columns_from_the_plan(tmp_path):
    write(tmp_path / "a.xlsx", [[1, "x"], [2, "y"]])
    assert laid_out(tmp_path, "a.xlsx", columns=("n", "t")).docs == [{"n": 1, "t": "x"}, {"n": 2, "t": "y"}]


def test_another_sheet_may_be_named(tmp_path):
    write(tmp_path / "a.xlsx", [["a"], [1]], [["b"], [2], [3]])
    assert laid_out(tmp_path, "a.xlsx", sheet="Sheet2").docs == [{"b": 2}, {"b": 3}]
    assert reasons(laid_out(tmp_path, "a.xlsx", sheet="Sheet3")) == [(1, "damaged_file")]


def test_a_cell_without_a_name_and_a_name_without_meaning_set_rows_aside(tmp_path):
    write(tmp_path / "a.xlsx", [["a", None], [1, None], [2, "stray"]])
    write(tmp_path / "b.xlsx", [["a", "a"], [1, 2]])
    read = everything(tmp_path, "a.xlsx")
    assert (read.docs, reasons(read)) == ([{"a": 1}], [(3, "torn_row")])
    assert reasons(everything(tmp_path, "b.xlsx")) == [(2, "duplicate_keys")]


@pytest.mark.parametrize("rows", [[], [NOTHING], [HEADER], [HEADER, NOTHING]])
def test_a_sheet_without_rows(tmp_path, rows):
    write(tmp_path / "a.xlsx", rows)
    assert everything(tmp_path, "a.xlsx").docs == []


def test_many_rows_and_a_packed_file(tmp_path):
    place = write(tmp_path / "a.xlsx", [["n"], *[[at] for at in range(3000)]])
    (tmp_path / "b.xlsx.gz").write_bytes(gzip.compress(place.read_bytes()))
    assert [doc["n"] for doc in everything(tmp_path, "b.xlsx.gz").docs] == list(range(3000))


@pytest.mark.parametrize("cut", [0, 40, 400])
def test_a_damaged_file_is_one_bad_row(tmp_path, cut):
    place = write(tmp_path / "a.xlsx", [HEADER, [1, "x", True]])
    place.write_bytes(place.read_bytes()[:cut])
    assert reasons(everything(tmp_path, "a.xlsx")) == [(1, "damaged_file")]
