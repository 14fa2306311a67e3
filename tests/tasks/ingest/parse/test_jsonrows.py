import json
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tasks.ingest.parse.material import reasons, rows_of

DEEP = 100_000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": "\xff"}', "not_utf8"),
        (b'{"a": "\xed\xa0\x80"}', "not_utf8"),
        (b'{"a": 1', "not_json"),
        (b"{'a': 1}", "not_json"),
        (b'{"a": 1}{"b": 2}', "not_json"),
        (b'{"a": 1}\x00', "not_json"),
        (b'{"a": "\x00"}', "not_json"),
        (b'\xef\xbb\xbf{"a": 1}', "not_json"),
        (b'{"a": 01}', "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b"[1, 2]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"null", "not_an_object"),
        (b"3", "not_an_object"),
        (b'{"a": 1, "a": 1}', "duplicate_keys"),
        (b'{"a": 1, "a" : 2}', "duplicate_keys"),
        (b'{"a": 1, "a"             : 2}', "duplicate_keys"),
        (b'{"a": 1, "\\u0061": 2}', "duplicate_keys"),
        (b'{"a\\"": 1, "a\\"": 2}', "duplicate_keys"),
        (b'{"a\\\\": 1, "a\\\\": 2}', "duplicate_keys"),
        (b'{"b": {"a": 1, "a": 2}}', "duplicate_keys"),
        (b'{"b": [{"a": 1, "a": 2}, {}], "c": "\\":"}', "duplicate_keys"),
        (b'{"a": NaN}', "not_a_number"),
        (b'{"a": -Infinity}', "not_a_number"),
        (b'{"a": 1e999}', "not_a_number"),
        (b'{"a": 18446744073709551616}', "not_a_number"),
        (b'{"a": -9223372036854775809}', "not_a_number"),
        (b'{"text": "' + b"x" * 50 + b'", "a": [0, 123456789012345678901234567890]}', "not_a_number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_a_number"),
        (b'{"a": "\\ud800"}', "lone_surrogate"),
        (b'{"\\udfff": 1}', "lone_surrogate"),
        (b'{"a": ' + b"[" * DEEP + b"]" * DEEP + b"}", "too_deep"),
        (b'{"a": ' + b"[" * 250 + b"]" * 250 + b"}", "too_deep"),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "too_deep"),
        (b'{"a":' * 250 + b"1" + b"}" * 250, "too_deep"),
        (b"[" * DEEP, "too_deep"),
    ],
)
def test_a_bad_line_says_why_and_costs_only_itself(line, reason):
    rows = rows_of("jsonl", b'{"n": 1}\n' + line + b'\n{"n": 3}\n')
    assert reasons(rows) == [(2, reason)]
    assert rows.bad[0].byte_offset == 9
    assert rows.bad[0].raw == line[:4096].decode("utf-8", "replace")
    assert rows.docs == [{"n": 1}, {"n": 3}]
    assert rows.lines == [1, 3]


@pytest.mark.parametrize(
    "line",
    [
        b'{"a": 18446744073709551615, "b": -9223372036854775808}',
        b'{"a": "\\ud83d\\ude00", "b": "\\u00e9"}',
        b'{"a": "he said \\": and \\" :", "b" : {"a": ": \\\\"}}',
        b'{"a": "12345678901234567890123", "b": 0.1234567890123456789}',
        b'{"a": ' + b"[" * 150 + b"]" * 150 + b"}",
        b'{"a": [' + b"[]," * 500 + b"{}]}",
        b"{}",
        b'  {"a": 1} \t',
        '{"a": "\u2028\x85 \ufffe"}'.encode(),
    ],
)
def test_what_only_looks_suspicious_is_a_row_as_it_stands(line):
    rows = rows_of("jsonl", line + b"\n")
    assert rows.docs == [json.loads(line)]
    assert rows.raw == [line.decode()]


def test_lines_may_end_in_two_ways_and_be_blank():
    rows = rows_of("jsonl", b'{"n":1}\r\n\r\n  \t\n{"n":2}\n\n{"n":3}')
    assert rows.raw == ['{"n":1}', '{"n":2}', '{"n":3}']
    assert rows.byte_offsets == [0, 15, 24]
    assert rows.blank == [(2, 9), (3, 11), (5, 23)]


def test_deep_nesting_never_leaves_as_a_recursion_error():
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(150)
        rows = rows_of("jsonl", b'{"a": "x": 1, "b":' + b"[" * 190 + b"]" * 190 + b"}\n")
    finally:
        sys.setrecursionlimit(limit)
    assert len(rows.bad) == 1


TEXTS = st.text(st.sampled_from('":\\{}[], \t1a\u00e9'), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=4), max_size=5), st.sampled_from([":", ": ", " : ", " \t:"]))
def test_whatever_json_can_say_comes_back(docs, colon):
    written = [json.dumps(doc, separators=(",", colon)) for doc in docs]
    rows = rows_of("jsonl", "\n".join(written).encode() + b"\n" * bool(docs))
    assert rows.docs == docs
    assert rows.raw == written
    assert not rows.bad


@given(st.lists(st.integers(-(2**70), 2**70) | st.integers(2**64 - 3, 2**64 + 3), min_size=1), st.integers(0, 8))
def test_a_number_that_would_be_rounded_is_always_seen(numbers, shift):
    lines = [b'{"%b": [0, %d]}' % (b"x" * shift, number) for number in numbers]
    rows = rows_of("jsonl", b"\n".join(lines))
    fits = [-(2**63) <= number < 2**64 for number in numbers]
    assert rows.raw == [line.decode() for line, does_fit in zip(lines, fits, strict=True) if does_fit]
    assert {bad.reason for bad in rows.bad} <= {"not_a_number"}


def test_a_very_long_line_is_read_strictly(monkeypatch):
    monkeypatch.setattr("tasks.ingest.parse.sight._TOO_LARGE", 10)
    rows = rows_of("jsonl", b'{"a": 1, "a": 2}\n{"a": [1, {"b": 2}]}\n')
    assert reasons(rows) == [(1, "duplicate_keys")]
    assert rows.docs == [{"a": [1, {"b": 2}]}]


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_a_key_named_twice_is_always_seen(pairs):
    line = "{" + ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in pairs) + "}"
    rows = rows_of("jsonl", line.encode() + b"\n")
    is_double = len(dict(pairs)) < len(pairs)
    assert reasons(rows) == ([(1, "duplicate_keys")] if is_double else [])


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_no_bytes_are_too_strange_to_be_accounted_for(pieces):
    data = b"\n".join(pieces)
    rows = rows_of("jsonl", data)
    total = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    assert len(rows.docs) + len(rows.bad) + len(rows.blank) == total
    assert all(orjson.loads(raw) == doc for raw, doc in zip(rows.raw, rows.docs, strict=True))
