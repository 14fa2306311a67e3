import gzip
import json
from pathlib import Path

import pytest

from tests.tasks.ingest.parse.material import reasons, rows_of

DATA = Path(__file__).parents[4] / "../shared/data"


def docs(*rows):
    return rows_of("xml", f"<list>{''.join(rows)}</list>".encode()).docs


def test_each_child_of_the_root_is_a_row_with_its_place():
    data = b'<?xml version="1.0"?>\n<list>\n  <pair><a>1</a><b/></pair>\n  <!-- no row -->\n  <pair><a>2</a><b>x</b></pair>\n</list>\n'
    rows = rows_of("xml", data)
    assert rows.docs == [{"a": "1", "b": ""}, {"a": "2", "b": "x"}]
    assert rows.lines == [3, 5]
    assert all(data[offset:].startswith(b"<pair>") for offset in rows.byte_offsets)
    assert rows.raw == ['{"a":"1","b":""}', '{"a":"2","b":"x"}']


@pytest.mark.parametrize(
    ("row", "doc"),
    [
        ("<r><all><x>1</x></all><n>2</n></r>", {"all": {"x": ["1"]}, "n": "2"}),
        ("<r><all><x>1</x><x>2</x></all><n>2</n></r>", {"all": {"x": ["1", "2"]}, "n": "2"}),
        ("<r><a>1</a><b>2</b><a>3</a></r>", {"a": ["1", "3"], "b": "2"}),
        ("<r><a>1</a></r>", {"a": ["1"]}),
        ('<r id="7"><a> x </a><b k="v"/></r>', {"@id": "7", "a": " x ", "b": {"@k": "v"}}),
        ('<r><a k="v">text</a><b><![CDATA[<&>]]></b></r>', {"a": {"@k": "v", "#text": "text"}, "b": "<&>"}),
        ("<r>one<b/>two</r>", {"b": [""], "#text": "onetwo"}),
        ("<r>text &lt;&#233;</r>", {"#text": "text <\u00e9"}),
        ("<r/>", {"#text": ""}),
    ],
)
def test_an_element_becomes_an_object_and_a_list_stays_a_list(row, doc):
    assert docs(row) == [doc]


def test_other_encodings_are_read_as_they_say():
    assert rows_of("xml", '<?xml version="1.0" encoding="latin-1"?><l><r>\u00e9</r></l>'.encode("latin-1")).docs == [
        {"#text": "\u00e9"}
    ]


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l><r>&b;</r></l>'


@pytest.mark.parametrize(
    ("data", "good", "bad"),
    [
        (LAUGHS, 0, "not_xml"),
        (b'<!DOCTYPE l SYSTEM "http://127.0.0.1/x.dtd"><l><r>1</r></l>', 0, "not_xml"),
        (b'<!DOCTYPE l [<!ENTITY f SYSTEM "file:///etc/passwd">]><l><r>&f;</r></l>', 0, "not_xml"),
        (b"<l><r>1</r><r>2</x></l>", 1, "not_xml"),
        (b"<l><r>1</r><r>2</r>", 2, "not_xml"),
        (b"<l><r>1</r><r>&unknown;</r><r>3</r></l>", 1, "not_xml"),
        (b"<l><r>1</r><r>\xff</r></l>", 1, "not_xml"),
        (b"<l><r>1</r></l><l/>", 1, "not_xml"),
        (b"", 0, "not_xml"),
        (b"no xml", 0, "not_xml"),
        (b"<l><r>1</r>" + b"<a>" * 100_000, 1, "too_deep"),
    ],
)
def test_what_is_no_xml_or_asks_for_entities_is_refused_and_what_came_before_stays(data, good, bad):
    rows = rows_of("xml", data)
    assert len(rows.docs) == good
    assert [reason for _, reason in reasons(rows)] == [bad]


def test_the_place_of_a_mistake_is_its_row():
    (bad,) = rows_of("xml", b"<l>\n<r>1</r>\n<r>\n2</x></l>").bad
    assert (bad.line, bad.byte_offset) == (3, 13)
    assert bad.raw.startswith("<r>\n2</x>")


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")
def test_judgments_of_a_real_set_are_always_a_list():
    place = sorted((DATA / "ukp-convarg1-full").glob("*.xml.gz"))[0]
    rows = rows_of("xml", gzip.decompress(place.read_bytes()))
    votes = [doc["mTurkAssignments"]["mTurkAssignment"] for doc in rows.docs]
    assert votes
    assert all(isinstance(each, list) and isinstance(each[0], dict) for each in votes)
    assert [json.loads(raw) for raw in rows.raw] == rows.docs
