"""Rows are counted by other means than they are parsed by; the two must agree whatever the bytes are."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rows.batch import Shard
from tests.warehouse.intake.reading import everything, rows_of
from warehouse.intake import tally

DATA = Path(__file__).parents[3] / "../shared/data"


def laid(tmp_path_factory, form, data):
    place = tmp_path_factory.getbasetemp() / f"here.{form}"
    place.write_bytes(data)
    return Shard("here", place.name, str(place), None, form, 0, len(data), 1, "", len(data))


def soup(*words):
    return st.lists(st.sampled_from(words), max_size=25).map(b"".join)


CSV = soup(b'"', b'""', b",", b"\n", b"a", b"\r\n", b"\r", b'"b"', b"x,y\n", b"\xff", b" ", b"\t")
JSON = soup(
    *(b'"', b"\\", b'\\"', b",", b"\n", b"{", b"}", b"[", b"]", b":", b"1", b" ", b'{"a":1}', b'"k":', b'"t"', b"\xff"),
)
XML = soup(
    *(b"<a>", b"</a>", b"<b/>", b"</b>", b"<b>", b"text", b"\n", b"<!-- x -->", b"<?pi?>", b"&amp;", b"&x;", b"<![CDATA[<]]>"),
    *(b'<a k="v">', b"<", b"\xff", b"<r>", b"</r>"),
)  # fmt: skip


@pytest.mark.parametrize("start", [b"", b"a,b\n", b"\xef\xbb\xbfa,b\r\n", b"\n", b"a\n"])
@pytest.mark.parametrize("form", ["csv", "tsv"])
@settings(max_examples=30, deadline=None)
@given(data=CSV)
def test_cells(tmp_path_factory, form, start, data):
    rows_of(laid(tmp_path_factory, form, start + data))


@pytest.mark.parametrize("start", [b"", b"[", b'[{"a":1},', b'{"k":{"a":1},', b'{"a":1}\n', b" "])
@settings(max_examples=30, deadline=None)
@given(data=JSON)
def test_documents(tmp_path_factory, start, data):
    rows_of(laid(tmp_path_factory, "json", start + data))
    rows_of(laid(tmp_path_factory, "jsonl", start + data))


@pytest.mark.parametrize("start", [b"", b"<r>", b'<?xml version="1.0"?><r><a>1</a>'])
@settings(max_examples=30, deadline=None)
@given(data=XML)
def test_trees(tmp_path_factory, start, data):
    rows_of(laid(tmp_path_factory, "xml", start + data))
    rows_of(laid(tmp_path_factory, "xml", start + data + b"</r>"))


@pytest.mark.parametrize("depth", [97, 98, 99, 100, 101, 200, 3000])
def test_trees_that_are_too_deep(tmp_path_factory, depth):
    rows_of(laid(tmp_path_factory, "xml", b"<r><a/>" + b"<b>" * depth + b"</b>" * depth + b"<a/></r>"))


def test_a_quote_that_stays_open_for_too_long(tmp_path_factory, monkeypatch):
    monkeypatch.setattr(tally, "MAX_RECORD_BYTES", 50)
    monkeypatch.setattr("tasks.ingest.parse.records.MAX_RECORD_BYTES", 50)
    for length in range(15, 25):
        rows_of(laid(tmp_path_factory, "csv", b'a,b\n1,"' + b"x\n" * length + b'",\n2,"x"\n'))


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")
@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("wmt-mqm-ted/mqm_ted_zhen.tsv.gz", 9915),
        ("mushra-codec/*.csv", 288),
        ("eval-prompts/fetv_data.json", 619),
        ("tifa-human/human_annotations_with_scores.json.gz", 800),
        ("agiqa-3k/data.csv.gz", 2982),
    ],
)
def test_real_files(path, count):
    rows = everything(DATA.resolve(), path)
    assert (len(rows.docs), rows.bad) == (count, [])
