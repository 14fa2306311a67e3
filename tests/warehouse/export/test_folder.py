"""An export's folder is the old one or the new one, is never anybody else's, and says what it holds."""

from __future__ import annotations

import hashlib
import json

import datasets
import polars as pl
import pytest

from schemas.errors import Terminal
from tests.chaos.faults import faults
from warehouse.export.folder import ExportFiles, replaced, write_beside, write_manifest
from warehouse.export.manifest import Manifest, SplitCounts, read_manifest

ROWS = pl.DataFrame(
    {
        "split": ["train", "train", "hold.out_2"],
        "prompt": [[{"role": "user", "content": "Q 1"}], [{"role": "user", "content": "Q 2"}], []],
        "answer": [{"from": "gpt", "value": "\u2028 é"}, {"from": "gpt", "value": '"'}, {"from": "gpt", "value": ""}],
        "margin": [0.1, 1.0, 0.0],
        "label": [True, False, True],
        "better": [0, 1, 0],
    }
)


def write(folder, rows=ROWS, form="parquet", key="k", beside=()):
    with replaced(folder) as fresh:
        with ExportFiles(fresh, form) as files:
            for start in range(rows.height):
                files.add(rows.slice(start, 1))
            written = files.finish()
        written += [write_beside(fresh, name, {}) for name in beside]
        manifest = Manifest(
            key=key, target="trl", form="preference", format=form, dataset="d", snapshot=1, code_version="0",
            dimension=None, splits={"train": SplitCounts(pairs=2, rows=2, left_out={"no_winner": 1})},
            licenses={"MIT": 2}, commercial_ok=1.0, files=written, plan={},
        )  # fmt: skip
        write_manifest(fresh, manifest)
    return manifest


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_datasets_gives_the_splits_with_their_rows(tmp_path, form):
    write(tmp_path / "out", form=form, beside=["dataset_info.json"])
    found = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert found.keys() == {"train", "hold.out_2"}
    for split, rows in found.items():
        assert rows.to_list() == ROWS.filter(split=split).drop("split").to_dicts()


def test_the_types_are_said_in_words_that_every_version_of_datasets_knows(tmp_path):
    write(tmp_path / "out")
    schema = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))["train"].features
    assert schema == datasets.Features(
        {
            "prompt": [{"role": datasets.Value("string"), "content": datasets.Value("string")}],
            "answer": {"from": datasets.Value("string"), "value": datasets.Value("string")},
            "margin": datasets.Value("float64"),
            "label": datasets.Value("bool"),
            "better": datasets.Value("int64"),
        }
    )
    said = pl.read_parquet_metadata(tmp_path / "out/data/train-00000-of-00001.parquet")["huggingface"]
    assert '"_type": "List"' not in said


def test_the_manifest_describes_the_files(tmp_path):
    written = write(tmp_path / "out")
    assert read_manifest(tmp_path / "out") == written
    for file in written.files:
        content = (tmp_path / "out" / file.path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256)
    assert written.is_whole(tmp_path / "out")
    assert written.left_out == {"no_winner": 1}
    (tmp_path / "out" / written.files[0].path).write_bytes(b"torn")
    assert not written.is_whole(tmp_path / "out")
    (tmp_path / "out" / written.files[0].path).unlink()
    assert not written.is_whole(tmp_path / "out")


def test_an_older_export_is_replaced_whole(tmp_path):
    write(tmp_path / "out", form="jsonl", beside=["dataset_info.json"])
    write(tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert names == {"export.json", "train-00000-of-00001.parquet", "hold.out_2-00000-of-00001.parquet"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_taken_and_a_missing_one_made(tmp_path):
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty")
    write(tmp_path / "a/b/c")
    assert read_manifest(tmp_path / "empty") == read_manifest(tmp_path / "a/b/c") is not None


def file_in_it(folder):
    (folder / "notes.txt").write_text("mine")


def checkpoint_beside_an_export(folder):
    folder.rmdir()
    write(folder)
    (folder / "checkpoint-2").mkdir()
    (folder / "checkpoint-2/model.bin").write_text("weeks of work")


def somebody_elses_manifest(folder):
    (folder / "export.json").write_text(json.dumps({"written_by": "somebody else"}))


def folder_in_it(folder):
    (folder / "deep").mkdir()


@pytest.mark.parametrize(
    "foreign", [file_in_it, checkpoint_beside_an_export, somebody_elses_manifest, folder_in_it]
)  # fmt: skip
def test_nothing_but_an_export_is_replaced(tmp_path, foreign):
    (tmp_path / "out").mkdir()
    foreign(tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    with pytest.raises(Terminal, match="holds other things than an export"):
        write(tmp_path / "out")
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(Terminal, match="is not a folder"):
        write(tmp_path / "out")


def test_an_error_on_the_way_leaves_the_old_export(tmp_path):
    old = write(tmp_path / "out", key="old")
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        write(tmp_path / "out", ROWS.drop("split"))
    assert read_manifest(tmp_path / "out") == old
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.chaos
@pytest.mark.parametrize("strike", ["full", "broken"])
def test_a_failing_disk_leaves_the_old_export_or_the_new_one(tmp_path, strike):
    with faults() as counted:
        old = write(tmp_path / "out", key="old")
        new = write(tmp_path / "out", key="new")
    assert counted.count > 12
    for number in range(1, counted.count // 2 + 4):
        write(tmp_path / "out", key="old")
        try:
            with faults(number, strike):
                write(tmp_path / "out", key="new")
        except Terminal as error:
            assert "run again" in str(error)  # noqa: PT017
        found = read_manifest(tmp_path / "out")
        assert found in (old, new), number
        assert found.is_whole(tmp_path / "out"), number
        assert [path.name for path in tmp_path.iterdir()] == ["out"], number


def test_what_a_killed_export_left_is_taken_away_by_the_next_one(tmp_path):
    left = tmp_path / ".out.winnow-export/new/data"
    left.mkdir(parents=True)
    (left / "train-00000-of-00001.parquet").write_bytes(b"half")
    write(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    write(tmp_path / "real", key="old")
    (tmp_path / "link").symlink_to("real")
    new = write(tmp_path / "link", key="new")
    assert (tmp_path / "link").is_symlink()
    assert read_manifest(tmp_path / "real") == new
