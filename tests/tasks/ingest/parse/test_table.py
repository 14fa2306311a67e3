import datetime as dt
import decimal
import uuid

import numpy as np
import orjson
import pyarrow as pa
import pytest

from schemas.rows.batch import Table
from tasks.ingest.parse.table import table_rows

NOON = dt.datetime(2024, 5, 1, 12)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (pa.timestamp("ms"), NOON, "2024-05-01T12:00:00.000"),
        (pa.timestamp("ns", "Europe/Berlin"), NOON.replace(tzinfo=dt.UTC), "2024-05-01T12:00:00.000000000Z"),
        (pa.date32(), NOON.date(), "2024-05-01"),
        (pa.time32("s"), NOON.time(), "12:00:00"),
        (pa.duration("ms"), dt.timedelta(seconds=-1.5), "PT-1.500S"),
        (pa.decimal128(20, 10), decimal.Decimal("1E-7"), "0.0000001000"),
        (pa.binary(), b"\xff\x00", {"$bytes": "/wA="}),
        (pa.binary(2), b"ab", {"$bytes": "YWI="}),
        (pa.float16(), np.float16(0.5), 0.5),
        (pa.float64(), float("nan"), None),
        (pa.uint64(), 2**64 - 1, 2**64 - 1),
        (pa.string_view(), "a", "a"),
        (pa.dictionary(pa.int8(), pa.string()), "a", "a"),
        (pa.list_(pa.float64()), [1.0, float("nan")], [1.0, None]),
        (pa.list_(pa.int8(), 2), [1, 2], [1, 2]),
        (pa.list_(pa.struct([("bytes", pa.binary()), ("path", pa.string())])), [{"bytes": b"x", "path": "p"}], [{"bytes": {"$bytes": "eA=="}, "path": "p"}]),
        (pa.map_(pa.string(), pa.date32()), [("k", NOON.date())], [{"key": "k", "value": "2024-05-01"}]),
        (pa.struct([]), {}, {}),
    ],
)  # fmt: skip
def test_values_that_json_does_not_know_are_written_out(kind, value, expected):
    batch = pa.record_batch({"x": pa.array([None, value, None], kind), "n": [0, 1, 2]})
    rows = table_rows(Table(5, batch))
    assert rows.docs == [{"x": None, "n": 0}, {"x": expected, "n": 1}, {"x": None, "n": 2}]
    assert rows.lines == [5, 6, 7]
    assert rows.byte_offsets == [None] * 3
    assert [orjson.loads(raw) for raw in rows.raw] == rows.docs
    assert table_rows(Table(6, batch.slice(1, 1))).docs == rows.docs[1:2]


def test_an_identifier_is_written_as_one():
    identifier = uuid.UUID(int=7)
    batch = pa.record_batch(
        {"x": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([identifier.bytes], pa.binary(16)))}
    )
    assert table_rows(Table(1, batch)).docs == [{"x": str(identifier)}]


def test_a_row_with_an_infinity_is_bad():
    values = [{"a": 1.0}, {"a": float("-inf")}, {"a": None}]
    rows = table_rows(Table(1, pa.record_batch({"s": pa.array(values)})))
    assert rows.docs == [{"s": {"a": 1.0}}, {"s": {"a": None}}]
    assert [(bad.line, bad.reason) for bad in rows.bad] == [(2, "not_a_number")]


@pytest.mark.parametrize(
    "batch",
    [
        pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]),
        pa.RecordBatch.from_arrays([pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])], ["s"]),
    ],
)
def test_a_name_that_is_given_twice_would_hide_a_value(batch):
    rows = table_rows(Table(1, batch))
    assert not rows.docs
    assert [(bad.line, bad.reason, bad.detail) for bad in rows.bad] == [
        (1, "duplicate_keys", "the table names 'a' twice")
    ]
