"""Packed files that are damaged, hostile or odd: one bad row each, never a crash and never a wrong row."""

import gzip
import io
import random
import tarfile
import zipfile

import pytest
import zstandard

from tests.warehouse.intake.reading import everything, reasons, rows_of, shards_of
from tests.warehouse.intake.test_places import tarred, zipped
from warehouse.intake import stream

LINES = b"".join(b'{"n":%d,"text":"%d"}\n' % (n, n * n) for n in range(500))
ZST = zstandard.ZstdCompressor(write_checksum=True).compress(LINES)
DAMAGED = [(1, "damaged_file")]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl.gz", gzip.compress(LINES)),
        ("a.jsonl.gz", gzip.compress(LINES[:5000]) + gzip.compress(LINES[5000:]) + b"\0" * 512),
        ("a.jsonl.zst", ZST),
        (
            "a.jsonl.zst",
            zstandard.ZstdCompressor().compress(LINES[:5000]) + zstandard.ZstdCompressor().compress(LINES[5000:]),
        ),
        ("a.JSONL.GZ", gzip.compress(LINES)),
    ],
)
def test_packed_lines_know_their_places_in_what_was_packed(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    rows = everything(tmp_path, name)
    assert rows.lines == list(range(1, 501))
    assert all(LINES[offset:].startswith(raw.encode()) for offset, raw in zip(rows.byte_offsets, rows.raw, strict=True))


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz", "a.csv.gz", "a.xml.gz", "a.parquet.gz"])
@pytest.mark.parametrize("damage", ["cut", "checksum", "empty", "not packed", "rubbish after it"])
def test_no_row_of_a_damaged_file_is_believed(tmp_path, name, damage):
    packed = gzip.compress(LINES)
    data = {
        "cut": packed[:-100],
        "checksum": packed[:-8] + b"\0" * 8,
        "empty": b"",
        "not packed": LINES,
        "rubbish after it": packed + b"rubbish",
    }[damage]
    (tmp_path / name).write_bytes(data)
    rows = everything(tmp_path, name)
    assert reasons(rows) == DAMAGED
    assert not rows.docs


def test_a_cut_zstandard_file_is_damaged(tmp_path):
    (tmp_path / "a.jsonl.zst").write_bytes(ZST[:-40])
    assert reasons(everything(tmp_path, "a.jsonl.zst")) == DAMAGED


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tgz"])
def test_mutations_of_archives_never_give_a_wrong_row(tmp_path, name):
    whole = zipped(a_jsonl=LINES) if name == "a.zip" else tarred("w" if name == "a.tar" else "w:gz", a_jsonl=LINES)
    chance = random.Random(name)
    for turn in range(40):
        data = bytearray(whole)
        if turn % 4 == 0:
            del data[chance.randrange(len(data) - 1024 if name == "a.tar" else len(data)) :]
        for _ in range(turn % 4):
            # The content of a plain tar file has no checksum; its headers have.
            place = chance.randrange(512 if name == "a.tar" else len(data))
            data[place] ^= chance.randrange(1, 256)
        (tmp_path / name).write_bytes(data)
        rows = [rows_of(shard) for shard in shards_of(tmp_path, name, optional=True)]
        assert all(each.raw == LINES.decode().splitlines() or reasons(each) == DAMAGED for each in rows)


@pytest.fixture
def small_floor(monkeypatch):
    monkeypatch.setattr(stream, "RATIO_FLOOR", 1 << 20)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.jsonl.gz", gzip.compress(b"0" * (4 << 20))),
        ("bomb.json.zst", zstandard.ZstdCompressor().compress(b"0" * (4 << 20))),
        ("bomb.zip", zipped(a_csv=b"0" * (4 << 20))),
        ("bomb.tgz", tarred("w:gz", a_csv=b"0" * (4 << 20))),
        ("twice.zip", zipped(a_csv_gz=gzip.compress(b"0" * (4 << 20)))),
    ],
)
def test_a_bomb_is_a_damaged_file(tmp_path, small_floor, name, data):
    (tmp_path / name).write_bytes(data)
    rows = everything(tmp_path, name)
    assert not rows.docs
    assert reasons(rows) == DAMAGED


def test_what_is_merely_repetitive_is_no_bomb(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"label":"a"}\n' * 100_000))
    assert len(everything(tmp_path, "a.jsonl.gz").docs) == 100_000


def test_an_archive_in_an_archive_is_named_and_not_opened(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped(b_zip=zipped(c_jsonl=LINES), d_jsonl=LINES))
    rows = everything(tmp_path, "a.zip")
    assert [bad.detail for bad in rows.bad] == ["an archive inside an archive is not opened: unpack it"]
    assert len(rows.docs) == 500


def test_members_that_are_no_files_or_lie_outside_are_never_written(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (
            ("link.jsonl", tarfile.SYMTYPE),
            ("device.jsonl", tarfile.CHRTYPE),
            ("hard.jsonl", tarfile.LNKTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("../../outside.jsonl")
        info.size = len(LINES)
        archive.addfile(info, io.BytesIO(LINES))
    (tmp_path / "a.tar").write_bytes(buffer.getvalue())
    before = sorted(tmp_path.parent.rglob("*"))
    assert len(everything(tmp_path, "a.tar").docs) == 500
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_two_members_with_one_name_are_not_chosen_between(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.jsonl", LINES)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.jsonl", b"{}\n")
    (tmp_path / "a.zip").write_bytes(buffer.getvalue())
    (bad,) = everything(tmp_path, "a.zip").bad
    assert bad.detail == "the archive holds two members called a.jsonl: remove one of them"


def test_an_encrypted_member_is_damaged(tmp_path):
    data = bytearray(zipped(a_jsonl=LINES))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    (bad,) = everything(tmp_path, "a.zip").bad
    assert "encrypted" in bad.detail
