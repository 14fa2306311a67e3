"""Shards of WebDataset: members with one stem are a row, whatever they are called and however the tar is packed."""

import base64
import io
import json
import tarfile

import pytest

from schemas.reasons import Reason
from schemas.rows.batch import Samples
from tests.warehouse.intake.reading import everything, reasons, rows_of, shards_of
from warehouse.intake import tally
from warehouse.intake.samples import tar

PICTURE = b"\x89PNG\r\n\x1a\n and what makes it different"


def packed(place, members, mode="w"):
    with tarfile.open(place, mode) as archive:
        for name, data in members:
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))


def pair(stem, **more):
    return [
        (f"{stem}.jpg", PICTURE + stem.encode()),
        (f"{stem}.json", json.dumps({"caption": f"A lamp, {stem}.", **more}, indent=1).encode()),
    ]


def bytes_of(data):
    return {"$bytes": base64.b64encode(data).decode()}


@pytest.mark.parametrize(("name", "mode"), [("00000.tar", "w"), ("00000.tar.gz", "w:gz"), ("00000.tgz", "w:gz")])
def test_members_with_one_stem_are_a_row(tmp_path, name, mode):
    packed(tmp_path / name, [*pair("000"), *pair("deep/001", tags=["a"]), ("deep/001.TXT", "Où ?".encode())], mode)
    (shard,) = shards_of(tmp_path, name)
    assert shard.format == "webdataset"
    rows = rows_of(shard)
    assert rows.docs == [
        {"__key__": "000", "jpg": bytes_of(PICTURE + b"000"), "json": {"caption": "A lamp, 000."}},
        {"__key__": "deep/001", "jpg": bytes_of(PICTURE + b"deep/001"), "json": {"caption": "A lamp, deep/001.", "tags": ["a"]},
         "txt": "Où ?"},
    ]  # fmt: skip
    assert [json.loads(raw) for raw in rows.raw] == rows.docs
    assert rows.lines == [1, 2]
    assert rows_of(shard, limit=1).docs == rows.docs[:1]


def test_a_part_is_named_by_all_that_follows_the_stem(tmp_path):
    parts = {"jpg_0.jpg": b"\xff\xd8\xff0", "jpg_1.jpg": b"\xff\xd8\xff1", "label_0.txt": b"0.5"}
    packed(tmp_path / "a.tar", [(f"12.{name}", data) for name, data in parts.items()])
    assert everything(tmp_path, "a.tar").docs == [
        {"__key__": "12", "jpg_0.jpg": bytes_of(b"\xff\xd8\xff0"), "jpg_1.jpg": bytes_of(b"\xff\xd8\xff1"), "label_0.txt": "0.5"}
    ]  # fmt: skip


def test_a_bad_part_costs_its_sample_only(tmp_path):
    wrong = [
        ("1.jpg", b"x"),
        ("1.json", b'{"a": 1, "a": 2}'),
        ("2.jpg", b"x"),
        ("2.txt", b"\xff"),
        ("3.jpg", b"x"),
        ("3.json", b"{"),
    ]
    packed(tmp_path / "a.tar", [*pair("0"), *wrong, *pair("4")])
    rows = everything(tmp_path, "a.tar")
    assert [doc["__key__"] for doc in rows.docs] == ["0", "4"]
    assert reasons(rows) == [(2, "duplicate_keys"), (3, "not_utf8"), (4, "not_json")]


def test_a_stem_that_comes_again_later_is_another_row(tmp_path):
    packed(tmp_path / "a.tar", [*pair("0"), *pair("1"), ("0.txt", b"again"), ("no-stem", b""), *pair("2")])
    keys = [doc["__key__"] for doc in everything(tmp_path, "a.tar").docs]
    assert keys == ["0", "1", "0", "2"]


def test_a_sample_that_is_too_long_is_a_bad_row(tmp_path, monkeypatch):
    monkeypatch.setattr(tar, "MAX_SAMPLE_BYTES", 1000)
    packed(tmp_path / "a.tar", [*pair("0"), ("1.jpg", PICTURE * 40), ("1.json", b"{}"), *pair("2")])
    rows = everything(tmp_path, "a.tar")
    assert [(doc["__key__"], line) for doc, line in zip(rows.docs, rows.lines, strict=True)] == [("0", 1), ("2", 3)]
    assert reasons(rows) == [(2, Reason.too_long.value)]


def test_samples_come_in_pieces_and_are_numbered_through(tmp_path, monkeypatch):
    monkeypatch.setattr(tar, "_BATCH_BYTES", 100)
    packed(tmp_path / "a.tar", [each for n in range(9) for each in pair(f"{n}")])
    pieces = list(tar.read(tmp_path / "a.tar"))
    assert len(pieces) > 3
    assert all(isinstance(piece, Samples) for piece in pieces)
    assert everything(tmp_path, "a.tar").lines == list(range(1, 10))


def test_archives_of_files_with_rows_are_still_what_they_were(tmp_path):
    packed(tmp_path / "rows.tar", [("a.jsonl", b'{"x": 1}\n'), ("a.csv", b"x\n2\n"), ("b.jpg", PICTURE)])
    assert [shard.format for shard in shards_of(tmp_path, "rows.tar")] == ["csv", "jsonl"]
    packed(tmp_path / "one.tar", [("a.json", b"{}")])
    assert [shard.format for shard in shards_of(tmp_path, "one.tar")] == ["json"]
    (said,) = shards_of(tmp_path, "one.tar", layout={"format": "webdataset"})
    assert rows_of(said).docs == [{"__key__": "a", "json": {}}]


@pytest.mark.parametrize("harm", ["cut", "twice"])
def test_a_damaged_shard_is_one_bad_row(tmp_path, harm):
    members = [each for n in range(20) for each in pair(f"{n}")]
    packed(tmp_path / "a.tar", members if harm == "cut" else [*members, members[0]])
    if harm == "cut":
        data = (tmp_path / "a.tar").read_bytes()
        (tmp_path / "a.tar").write_bytes(data[: len(data) // 2])
    (shard,) = shards_of(tmp_path, "a.tar", layout={"format": "webdataset"})
    assert reasons(rows_of(shard)) == [(1, "damaged_file")]
    assert tally.count_rows(shard) == 1
