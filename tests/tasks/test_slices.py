import polars as pl
import pytest

from tasks import slices
from tasks.slices import in_slices, rows_of

ROWS = [("a", [1, 2], "x"), ("b", None, "y"), ("a", [], "z"), ("c", [2, 3], "w"), ("b", [3], None)]


@pytest.fixture(params=[1, 2, 100])
def table(request, monkeypatch, tmp_path):
    monkeypatch.setattr(slices, "ROWS", request.param)
    frame = pl.DataFrame(ROWS, schema={"key": pl.String, "list": pl.List(pl.Int64), "text": pl.String}, orient="row")
    for at in range(2):
        frame[at * 3 : at * 3 + 3].write_parquet(tmp_path / f"{at}.parquet")
    return pl.scan_parquet([tmp_path / "0.parquet", tmp_path / "1.parquet"])


def test_slices_are_the_table(table):
    assert pl.concat(in_slices(table)).equals(table.collect())


def test_an_empty_table_has_its_columns():
    parts = list(in_slices(pl.LazyFrame(schema={"key": pl.String})))
    assert [(part.height, part.columns) for part in parts] == [(0, ["key"])]


def test_only_wanted_rows_are_read_in_their_order(table):
    found = rows_of(table.select("key", "text"), "key", pl.Series(["b", "a", "b", "none"]))
    assert found.rows() == [("a", "x"), ("b", "y"), ("a", "z"), ("b", None)]


def test_each_element_of_a_list_is_a_row(table):
    found = rows_of(table.select("key", "list"), "list", pl.Series([2, 3]), explode=["list"])
    assert found.rows() == [("a", 2), ("c", 2), ("c", 3), ("b", 3)]


def test_without_a_wish_all_rows_are_read(table):
    assert rows_of(table, "key", None).equals(table.collect())
