import pytest

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Material, Rows
from tasks.ingest.parse import parse
from tests.tasks.ingest.parse.material import lines, rows_of


@pytest.mark.parametrize("limit", range(1, 9))
@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("jsonl", b'{"n":1}\n\nbad\n{"n":4}\nbad\n{"n":6}\n'),
        ("json", b'[{"n":1}, 2, 3, {"n":4}, 5, {"n":6}]'),
        ("csv", b"n\n1\n\nb,ad\n4\nb,ad\n6\n"),
    ],
)
def test_a_limit_counts_good_bad_and_blank_rows_alike(form, data, limit):
    rows = rows_of(form, data, limit)
    assert [int(doc["n"]) for doc in rows.docs] == [n for n in (1, 4, 6) if n <= limit]
    assert len(rows.docs) + len(rows.bad) + len(rows.blank) == min(limit, 6)


def test_no_more_is_read_than_the_limit_needs():
    def parts():
        yield lines(b'{"n":1}\n{"n":2}\n')
        raise AssertionError("too far")

    assert [len(rows.docs) for rows in parse(Material("jsonl", parts(), 2))] == [2]


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "xml", "parquet"])
def test_what_could_not_be_read_at_all_passes_through(form):
    lost = Rows.none_but([BadRow(1, 0, Reason.damaged_file, "cut off", "")])
    (rows,) = parse(Material(form, iter([lost])))
    assert rows == lost


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "parquet"])
def test_there_is_always_one_batch(form):
    assert list(parse(Material(form, iter([])))) == [Rows.none_but([])]
