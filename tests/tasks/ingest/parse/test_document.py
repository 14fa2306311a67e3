import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tasks.ingest.parse.material import reasons, rows_of

DATA = Path(__file__).parents[4] / "../shared/data"
PRETTY = b'\xef\xbb\xbf\n[\n  {\n    "n": 1,\n    "t": "a\\nb, ]"\n  },\n  {"n": 2}\n]\n'


def test_the_elements_of_a_list_are_rows_with_their_places():
    rows = rows_of("json", PRETTY)
    assert rows.docs == [{"n": 1, "t": "a\nb, ]"}, {"n": 2}]
    assert rows.lines == [3, 7]
    assert [PRETTY[offset : offset + 1] for offset in rows.byte_offsets] == [b"{", b"{"]
    assert rows.raw == ['{"n":1,"t":"a\\nb, ]"}', '{"n":2}']


def test_the_values_of_an_object_of_objects_are_rows_with_their_keys():
    rows = rows_of("json", b'{"x1": {"n": 1},\n "x\\"2" : {} }')
    assert rows.docs == [{"_key": "x1", "n": 1}, {"_key": 'x"2'}]
    assert rows.raw == ['{"_key":"x1","n":1}', '{"_key":"x\\"2"}']
    assert rows.lines == [1, 2]
    assert rows.byte_offsets == [1, 18]


@pytest.mark.parametrize("data", [b'{"a": 1}\n{"a": 2}\n', b'{"a": 1}\n\n{"a": 2}', b'\n{"a": {}}\r\n{"a": {}}\r\n'])
def test_json_lines_may_be_called_json(data):
    rows = rows_of("json", data)
    assert len(rows.docs) == 2
    assert all(data[offset:].startswith(raw.encode()) for offset, raw in zip(rows.byte_offsets, rows.raw, strict=True))


@pytest.mark.parametrize("data", [b'{"a": 1, "b": {"c": 2}}', b'{\n"a": 1,\n"b": {"c": 2}\n}\n'])
def test_one_object_is_one_row(data):
    assert rows_of("json", data).docs == [{"a": 1, "b": {"c": 2}}]


@pytest.mark.parametrize("data", [b"", b" \n", b"\xef\xbb\xbf", b"[]", b" [ ] \n"])
def test_an_empty_file_has_no_rows(data):
    rows = rows_of("json", data)
    assert (rows.docs, rows.bad) == ([], [])


@pytest.mark.parametrize(
    ("data", "good", "bad"),
    [
        (b'[{"a":1}, {"a":NaN}, {"a":2}]', 2, ["not_a_number"]),
        (b'[{"a":1}, {"a":1,"a":2}, 3, "x"]', 1, ["duplicate_keys", "not_an_object", "not_an_object"]),
        (b'[{"a":1},, {"a":2},]', 2, ["not_json", "not_json"]),
        (b'[{"a":1}, {"a":', 1, ["not_json"]),
        (b'[{"a":1}, {"a":"cut, [', 1, ["not_json"]),
        (b'[{"a":1}, {"a":2}', 2, ["damaged_file"]),
        (b'[{"a":1}, ', 1, ["damaged_file"]),
        (b'[{"a":1}] {"a":2}', 1, ["damaged_file"]),
        (b'[{"a":1}}', 1, ["damaged_file"]),
        (b'{"x": {"a":1}, "y": {"a":2}, "x": {"a":3}}', 3, []),
        (b'{"x": {"a":1}, "y": {"a":1,"a":2}}', 1, ["duplicate_keys"]),
        (b'[{"a"\n:1, "a":2}, {"a" \r\n\t: 1}]', 1, ["duplicate_keys"]),
        (b'{"x": {"_key":1}}', 0, ["duplicate_keys"]),
        (b'{"x": {"a":1}, y: {"a":2}}', 1, ["not_json"]),
        (b'{"x": {"a":1}, "\\ud800": {"a":2}}', 1, ["lone_surrogate"]),
        (b'{"x": {"a":1}, "y": {"a":', 1, ["not_json"]),
        (b'{"a":1} rubbish', 1, ["damaged_file"]),
        (b'{"a":1, "b"', 0, ["not_json"]),
        (b"{", 0, ["not_json"]),
        (b"[", 0, ["damaged_file"]),
        (b"rubbish", 0, ["not_json"]),
        (b'"text"', 0, ["not_an_object"]),
        (b'{"a": 1}\n{"a": \n{"a": 3}\n', 2, ["not_json"]),
        (b"[" + b"[" * 100_000 + b"]" * 100_000 + b"]", 0, ["too_deep"]),
    ],
)
def test_a_bad_element_costs_only_itself(data, good, bad):
    rows = rows_of("json", data)
    assert len(rows.docs) == good
    assert [reason for _, reason in reasons(rows)] == bad


JSON = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(st.sampled_from('"\\,:{}[]\n\u00e9a'), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(st.sampled_from('ab"\\,{'), max_size=3), JSON, max_size=3)


@given(st.lists(OBJECTS, max_size=4), st.sampled_from([None, 0, 2]))
def test_any_list_of_objects_comes_back(docs, indent):
    rows = rows_of("json", json.dumps(docs, indent=indent).encode())
    assert rows.docs == docs
    assert not rows.bad


@given(st.dictionaries(st.text(max_size=4), OBJECTS, min_size=1, max_size=4), st.sampled_from([None, 1]))
def test_any_object_of_objects_comes_back(docs, indent):
    rows = rows_of("json", json.dumps(docs, indent=indent).encode())
    expected = {key: doc for key, doc in docs.items() if "_key" not in doc}
    assert {doc.pop("_key"): doc for doc in rows.docs} == expected


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")
@pytest.mark.parametrize("name", ["tifa-human/human_annotations_with_scores.json.gz", "imagereward-test/test.json.gz"])
def test_real_files_give_what_the_standard_library_reads(name):
    data = gzip.decompress((DATA / name).read_bytes())
    value = json.loads(data)
    expected = value if isinstance(value, list) else [{"_key": key, **doc} for key, doc in value.items()]
    assert rows_of("json", data).docs == expected
