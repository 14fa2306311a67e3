import gzip
import hashlib
import io
import tarfile
import zipfile

import pytest

from schemas.errors import Terminal
from tests.warehouse.intake.reading import everything, rows_of, shards_of
from warehouse.intake import places

LINE = b'{"a":1}\n'


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return buffer.getvalue()


def tarred(mode="w", **members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_", "."))
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def test_a_glob_finds_files_in_the_order_of_their_names(tmp_path):
    for name in ("b/z.jsonl", "b/c/y.ndjson", "a.csv", "b/note.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(LINE)
    assert [shard.file for shard in shards_of(tmp_path, "**/*son*")] == ["b/c/y.ndjson", "b/z.jsonl"]
    assert [shard.file for shard in shards_of(tmp_path / "b", "../a.csv")] == ["../a.csv"]
    assert [shard.file for shard in shards_of(tmp_path, str(tmp_path / "a.csv"))] == [f"{tmp_path}/a.csv"]


def test_a_name_with_the_signs_of_a_glob_is_a_name_first(tmp_path):
    (tmp_path / "rows[1].jsonl").write_bytes(LINE)
    assert [shard.file for shard in shards_of(tmp_path, "rows[1].jsonl")] == ["rows[1].jsonl"]


def test_a_shard_says_what_to_open_and_what_is_in_it(tmp_path):
    packed = gzip.compress(LINE)
    (tmp_path / "a.jsonl.gz").write_bytes(packed)
    (shard,) = shards_of(tmp_path, "a.jsonl.gz")
    assert shard.place == str(tmp_path / "a.jsonl.gz")
    assert (shard.source, shard.format, shard.member, shard.first_line) == ("here", "jsonl", None, 1)
    assert shard.digest == hashlib.sha256(packed).hexdigest()
    assert shard.bytes == len(packed)


@pytest.mark.parametrize("name", ["a.md", "a", "a.gz", "a.jsonl.gz.gz", "jsonl", "a.xls"])
def test_an_unknown_suffix_is_the_users_to_settle(tmp_path, name):
    (tmp_path / name).write_bytes(LINE)
    with pytest.raises(Terminal, match=rf"{name}: unknown kind of file; known are \.jsonl .* rename it"):
        shards_of(tmp_path, name)


def test_nothing_found_is_an_error_unless_the_source_is_optional(tmp_path):
    with pytest.raises(Terminal, match=r"source here: nothing to read at no/\*\.jsonl"):
        shards_of(tmp_path, "no/*.jsonl")
    assert shards_of(tmp_path, "no/*.jsonl", optional=True) == []


def test_a_folder_is_not_a_file(tmp_path):
    (tmp_path / "rows").mkdir()
    with pytest.raises(Terminal, match=r"is a folder: name its files, for example rows/\*\.jsonl"):
        shards_of(tmp_path, "rows")


@pytest.mark.parametrize("last", [b"", b'{"n":"last"}'])
def test_large_files_are_cut_at_line_breaks_and_nothing_is_lost(tmp_path, monkeypatch, last):
    monkeypatch.setattr(places, "PIECE_BYTES", 1000)
    lines = [b'{"n":%d,"x":"%s"}\n' % (n, b"x" * (n * 37 % 300)) for n in range(100)]
    lines.insert(50, b'{"n":"long","x":"%s"}\n' % (b"y" * 5000))
    data = b"".join(lines) + last
    (tmp_path / "a.jsonl").write_bytes(data)
    shards = shards_of(tmp_path, "a.jsonl")
    assert len(shards) > 10
    assert [shard.start for shard in shards[1:]] == [shard.end for shard in shards[:-1]]
    assert all(shard.digest == hashlib.sha256(data[shard.start : shard.end]).hexdigest() for shard in shards)
    rows = everything(tmp_path, "a.jsonl")
    assert rows.lines == list(range(1, len(lines) + 1 + bool(last)))
    assert all(data[offset:].startswith(raw.encode()) for offset, raw in zip(rows.byte_offsets, rows.raw, strict=True))


def test_rows_added_at_the_end_leave_the_other_pieces_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "PIECE_BYTES", 1000)
    (tmp_path / "a.jsonl").write_bytes(LINE * 500)
    before = shards_of(tmp_path, "a.jsonl")
    (tmp_path / "a.jsonl").write_bytes(LINE * 700)
    after = shards_of(tmp_path, "a.jsonl")
    assert [shard.digest for shard in after[: len(before) - 1]] == [shard.digest for shard in before[:-1]]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("in.zip", zipped(a_jsonl=LINE, b__c_jsonl=LINE * 2, read_me=b"words", b___hidden_jsonl=LINE)),
        ("in.tar", tarred(a_jsonl=LINE, b__c_jsonl=LINE * 2, read_me=b"words", b___hidden_jsonl=LINE)),
        ("in.tgz", tarred("w:gz", a_jsonl=LINE, b__c_jsonl=LINE * 2, read_me=b"words")),
        ("in.tar.gz", tarred("w:gz", a_jsonl_gz=gzip.compress(LINE), b__c_jsonl=LINE * 2)),
    ],
)
def test_members_of_archives_are_files(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    whole = shards_of(tmp_path, name)
    assert [shard.file.removesuffix(".gz") for shard in whole] == [f"{name}!a.jsonl", f"{name}!b/c.jsonl"]
    assert [len(rows_of(shard).docs) for shard in whole] == [1, 2]
    assert len({shard.digest for shard in whole}) == 2
    assert [shard.member for shard in shards_of(tmp_path, f"{name}!b/*.jsonl")] == ["b/c.jsonl"]
    assert [shard.member for shard in shards_of(tmp_path, f"{name}!**/c.jsonl")] == ["b/c.jsonl"]


def test_a_member_that_is_asked_for_has_to_be_of_a_known_kind(tmp_path):
    (tmp_path / "in.zip").write_bytes(zipped(read_me=b"words"))
    with pytest.raises(Terminal, match=r"in\.zip!read\.me: unknown kind of file"):
        shards_of(tmp_path, "in.zip!*")
    with pytest.raises(Terminal, match="nothing to read"):
        shards_of(tmp_path, "in.zip")


def test_a_file_that_has_become_shorter_is_not_read_in_part(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(LINE * 10)
    (shard,) = shards_of(tmp_path, "a.jsonl")
    (tmp_path / "a.jsonl").write_bytes(LINE * 9)
    with pytest.raises(Terminal, match="has become shorter since it was listed"):
        rows_of(shard)


def test_a_file_that_is_gone_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(LINE)
    (shard,) = shards_of(tmp_path, "a.jsonl")
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(Terminal, match=r"a\.jsonl cannot be read: No such file or directory"):
        rows_of(shard)
