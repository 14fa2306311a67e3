"""What the plan says of a file that does not say it itself."""

import pytest
from pydantic import ValidationError

from schemas.errors import Terminal
from schemas.mapping.layout import Layout
from tests.warehouse.intake.reading import joined, reasons, rows_of, shards_of


def read(root, data, name="a.csv", **layout):
    (root / name).write_bytes(data)
    return joined([rows_of(shard) for shard in shards_of(root, name, layout=Layout(**layout))])


def test_a_file_without_a_header(tmp_path):
    rows = read(tmp_path, b'0,1\n"2",3\n\n4\n', columns=("won", "lost"))
    assert rows.docs == [{"won": "0", "lost": "1"}, {"won": "2", "lost": "3"}]
    assert (rows.lines, rows.blank, reasons(rows)) == ([1, 2], [(3, 10)], [(4, "torn_row")])


def test_a_file_of_another_kind_than_its_name_says(tmp_path):
    rows = read(tmp_path, b"1\t0.5\tA lamp, and so on\n", "a.txt", format="tsv", columns=("id", "score", "text"))
    assert rows.docs == [{"id": "1", "score": "0.5", "text": "A lamp, and so on"}]


@pytest.mark.parametrize(
    ("encoding", "data"), [("latin-1", b"caf\xe9\xb4"), ("cp1252", b"caf\xe9\x92"), ("utf-8", "café".encode())]
)
def test_another_encoding(tmp_path, encoding, data):
    rows = read(tmp_path, b"t,u\n" + data + b",1\nx,2\n", encoding=encoding)
    assert rows.docs == [{"t": data.decode(encoding), "u": "1"}, {"t": "x", "u": "2"}]
    assert rows.byte_offsets == [4, 4 + len(data) + 3]
    assert read(tmp_path, data + b"\nx\n", encoding=encoding).docs == [{data.decode(encoding): "x"}]


def test_bytes_that_the_encoding_does_not_know_cost_their_row_only(tmp_path):
    rows = read(tmp_path, b"t\nx\n\x81\ncaf\xe9\n", encoding="cp1252")
    assert [doc["t"] for doc in rows.docs] == ["x", "café"]
    assert reasons(rows) == [(3, "not_utf8")]


def test_what_cannot_be_said_of_a_file_is_the_users_to_settle(tmp_path):
    for name, layout in (
        ("a.jsonl", {"columns": ("x",)}),
        ("a.json", {"encoding": "latin-1"}),
        ("a.csv", {"sheet": "x"}),
    ):
        with pytest.raises(Terminal, match=f"{name}: only .*: correct `layout:`"):
            read(tmp_path, b"{}\n", name, **layout)
    with pytest.raises(ValidationError, match="names x twice"):
        Layout(columns=("x", "x"))
