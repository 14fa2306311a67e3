"""Bad lines cost only themselves: twenty kinds of damage, at every place of a file, plain and packed."""

import gzip

import pytest

from schemas.plan.sources import Source
from tasks.ingest.parse import parse
from tests.hostile import TIMES
from warehouse.intake import count_rows, find, read
from warehouse.intake import lines as limits

pytestmark = pytest.mark.hostile

PLACES = 50 * TIMES
DAMAGE = {
    "truncated": (b'{"n": 1, "text": "cut of', "not_json"),
    "invalid UTF-8": (b'{"n": "\xc3\x28"}', "not_utf8"),
    "overlong UTF-8": (b'{"n": "\xc0\xaf"}', "not_utf8"),
    "UTF-16": ('{"n": 1}'.encode("utf-16-le"), "not_json"),
    "byte order mark": (b'{"n": 1}\xef\xbb\xbf', "not_json"),
    "NUL in a text": (b'{"n": "a\x00b"}', "not_json"),
    "nothing but NUL": (b"\x00" * 30, "not_json"),
    "high surrogate": (b'{"n": "\\ud83d"}', "lone_surrogate"),
    "encoded surrogate": (b'{"n": "\xed\xa0\xbd"}', "not_utf8"),
    "duplicate key": (b'{"n": 1, "m": 2, "n": 1}', "duplicate_keys"),
    "duplicate key inside": (b'{"n": {"a": [{"b": 1, "b" :2}]}}', "duplicate_keys"),
    "NaN": (b'{"n": NaN}', "not_a_number"),
    "infinite": (b'{"n": -1e400}', "not_a_number"),
    "large integer": (b'{"n": 100000000000000000000}', "not_a_number"),
    "100,000 lists deep": (b'{"n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
    "100,000 objects deep": (b'{"n":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
    "too long": (b'{"n": "' + b"x" * 700_000 + b'"}', "too_long"),
    "a list": (b'["n", 1]', "not_an_object"),
    "two values": (b'{"n": 1} {"n": 2}', "not_json"),
    "another language": (b"n: 1", "not_json"),
}


@pytest.fixture(autouse=True)
def short_limit(monkeypatch):
    monkeypatch.setattr(limits.cut, "__defaults__", (0, 1, 650_000))


def file_with(line, place):
    """Ten good lines in all ways of ending them, with one bad line among them."""
    ends = [b"\n", b"\r\n"]
    pieces = [b'{"n": %d, "text": "%s"}' % (n, b"y" * (n * place % 60)) + ends[n * place % 2] for n in range(10)]
    position = place % 11
    return b"".join([*pieces[:position], line + ends[place % 2], *pieces[position:]]), position


@pytest.mark.parametrize("kind", DAMAGE)
def test_every_bad_line_is_named_and_every_good_line_kept(tmp_path, kind):
    line, reason = DAMAGE[kind]
    for place in range(PLACES):
        data, position = file_with(line, place)
        name = "a.jsonl.gz" if place % 5 == 0 else "a.jsonl"
        (tmp_path / name).write_bytes(gzip.compress(data, 1) if place % 5 == 0 else data)
        (shard,) = find(Source(name="x", path=name), tmp_path, tmp_path)
        batches = list(parse(read(shard)))
        assert [doc["n"] for rows in batches for doc in rows.docs] == list(range(10))
        (bad,) = [bad for rows in batches for bad in rows.bad]
        assert (bad.reason, bad.line) == (reason, position + 1), f"{kind} at {place}"
        assert data[bad.byte_offset :].startswith(line)
        assert len(bad.raw) <= 4096
        assert count_rows(shard) == 11
