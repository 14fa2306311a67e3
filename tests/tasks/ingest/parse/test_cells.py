import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Lines, Material
from tasks.ingest.parse import parse, records
from tests.tasks.ingest.parse.material import joined, lines, reasons, rows_of

DATA = Path(__file__).parents[4] / "../shared/data"


def test_a_header_names_the_cells_and_every_value_is_text():
    rows = rows_of("csv", b'id,text,score\r\n1,"a, ""b""",\r\n2,[1],0.50\r\n')
    assert rows.docs == [{"id": "1", "text": 'a, "b"', "score": ""}, {"id": "2", "text": "[1]", "score": "0.50"}]
    assert rows.raw[0] == '{"id":"1","text":"a, \\"b\\"","score":""}'
    assert (rows.lines, rows.byte_offsets) == ([2, 3], [15, 30])


def test_a_quoted_line_feed_belongs_to_its_row():
    data = b'\xef\xbb\xbfid,text\n1,"one\ntwo\r\n\nthree"\n\n2,x\n'[3:]
    rows = rows_of("csv", data)
    assert rows.docs == [{"id": "1", "text": "one\ntwo\r\n\nthree"}, {"id": "2", "text": "x"}]
    assert rows.lines == [2, 7]
    assert [data[offset : offset + 2] for offset in rows.byte_offsets] == [b"1,", b"2,"]
    assert [line for line, _ in rows.blank] == [6]


@pytest.mark.parametrize(
    ("line", "bad"),
    [
        (b"1", [(3, "torn_row")]),
        (b"1,2,3", [(3, "torn_row")]),
        (b'1,"a"b', [(3, "torn_row")]),
        (b'1,"a', [(3, "torn_row")]),
        (b'"a\n1,"b"', [(3, "torn_row")]),
        (b"1,a\rb", [(3, "torn_row")]),
        (b"1,\xe9", [(3, "not_utf8")]),
        (b'1,"\xe9\n"', [(3, "not_utf8")]),
        (b'1,"x\ny",z', [(3, "torn_row")]),
        (b'"1\n"2\n"3', [(3, "torn_row"), (4, "torn_row"), (5, "torn_row")]),
    ],
)
def test_a_torn_row_costs_only_itself(line, bad):
    rows = rows_of("csv", b"id,text\n0,first\n" + line + b"\n8,last\n9,really\n")
    assert reasons(rows) == bad
    assert [doc["id"] for doc in rows.docs if doc["id"] not in "1"] == ["0", "8", "9"]
    assert rows.bad[0].byte_offset == 16


def test_a_row_is_never_made_of_two_because_a_quote_was_not_closed():
    rows = rows_of("csv", b'id,text\n1,"open\n2,x\n3,y\n4,"z"\n')
    assert reasons(rows) == [(2, "torn_row")]
    assert [doc["id"] for doc in rows.docs] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("header", "reason"), [(b"id,id", "duplicate_keys"), (b'id,"text', "torn_row"), (b"id,\xff", "torn_row")]
)
def test_without_a_header_that_can_be_read_no_row_is_taken(header, reason):
    rows = rows_of("csv", header + b"\n1,a\n2,b\n")
    assert not rows.docs
    assert [bad.reason for bad in rows.bad][-2:] == [reason, reason]
    assert [bad.line for bad in rows.bad][-2:] == [2, 3]


def test_a_quote_may_not_stay_open_for_ever(monkeypatch):
    monkeypatch.setattr(records, "MAX_RECORD_BYTES", 100)
    rows = rows_of("csv", b'id,text\n1,"' + b"x\n" * 200 + b'2,b\n3,"c"\n')
    assert [doc["id"] for doc in rows.docs] == ["2", "3"]


def test_a_line_that_is_too_long_ends_whatever_is_open():
    whole = lines(b'id,text\n1,"open\n\n3,c\n')
    bad = BadRow(3, 16, Reason.too_long, "", "")
    part = Lines([1, 2, 4], [0, 8, 99], [whole.data[0], whole.data[1], whole.data[3]], [bad])
    rows = joined(parse(Material("csv", iter([part]))))
    assert reasons(rows) == [(2, "torn_row"), (3, "too_long")]
    assert rows.docs == [{"id": "3", "text": "c"}]


def test_a_record_may_lie_in_two_parts():
    rows = joined(parse(Material("csv", iter([lines(b'a,b\n1,"x\n'), lines(b'y"\n2,z\n', 3, 9)]))))
    assert rows.docs == [{"a": "1", "b": "x\ny"}, {"a": "2", "b": "z"}]
    assert rows.lines == [2, 4]


def test_tabs_separate_and_quotes_are_signs():
    rows = rows_of("tsv", b'id\ttext\r\n1\t"Well," she said\n\n2\t"a ""b"" c"\n3\t"whole"\n4\t"\n5\n6\ta\tb\n7\t\xff\n')
    assert [doc["text"] for doc in rows.docs] == ['"Well," she said', 'a "b" c', '"whole"', '"']
    assert reasons(rows) == [(7, "torn_row"), (8, "torn_row"), (9, "not_utf8")]
    assert [line for line, _ in rows.blank] == [3]


CELLS = st.text(st.sampled_from('ab,"\n\r\t\u00e9 '), max_size=6)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6)))
def test_whatever_the_standard_library_writes_comes_back(cells):
    width = len(cells[0]) if cells else 1
    names = [f"c{index}" for index in range(width)]
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([names, *cells])
    rows = rows_of("csv", file.getvalue().encode())
    assert [list(doc.values()) for doc in rows.docs] == cells
    assert not rows.bad


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")
def test_a_real_table_full_of_stray_quotes_loses_no_row():
    data = gzip.decompress((DATA / "wmt-mqm-ted/mqm_ted_zhen.tsv.gz").read_bytes())
    rows = rows_of("tsv", data)
    assert (len(rows.docs), rows.bad) == (9915, [])
