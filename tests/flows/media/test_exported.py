"""Exports of a home with media: what the verb says, what is counted, and files that are links or copies."""

from __future__ import annotations

import errno
import gzip
import json
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

import warehouse
from flows.publish.export import export
from flows.verbs.exporting import lines_of
from schemas.errors import Terminal
from schemas.plan.export import Export
from tests.flows.media.world import ROWS, Senses
from tests.media import video
from warehouse.export import embed
from warehouse.export import pairs as reading
from warehouse.export.manifest import read_manifest


@pytest.fixture(scope="module")
def senses(tmp_path_factory):
    world = Senses(tmp_path_factory.mktemp("senses"))
    world.home = warehouse.open(world.curate())
    return world


def wrote(senses, folder, to, **asked):
    if to != "safesora":
        asked.setdefault("dimension", "overall")
    return export(senses.home, Export(to=to, out="x", **asked), folder)


TEXTS = {"openrlhf": 7 * ROWS + 3, "llama-factory": 4 * ROWS, "trl": 6 * ROWS}


@pytest.mark.parametrize("to", TEXTS)
def test_every_pair_is_used_or_counted_by_its_reason(senses, tmp_path, to):
    manifest, _ = wrote(senses, tmp_path / "out", to)
    kept = senses.home.pairs(dimension="overall").collect().height
    # What is gone or torn was dropped by the run.
    assert kept == 8 * ROWS + 3
    assert sum(counts.pairs for counts in manifest.splits.values()) + sum(manifest.left_out.values()) == kept
    # A tie between two pictures is a tie first.
    assert manifest.left_out["not_text"] == TEXTS[to] - 1
    assert manifest.left_out["no_winner"] == 1
    assert "no_media" not in manifest.left_out
    assert manifest.left_out.get("media_tag") == (None if to == "openrlhf" else 1)


def test_the_verb_and_the_manifest_name_the_templates(senses, tmp_path):
    manifest, _ = wrote(senses, tmp_path / "out", "align-anything")
    assert set(manifest.templates) == {
        "AA_T2A", "AA_TA2T", "AA_TI2T", "AA_TV2T", "PKUSafeRLHF", "Pickapic", "SafeSora", "ti2ti_preference",
    }  # fmt: skip
    assert manifest.left_out == {"media_tag": 1, "no_winner": 1}
    said = lines_of(manifest, tmp_path / "out")
    rows = manifest.templates["Pickapic"]
    assert f"template  Pickapic: {', '.join(f'{split} {n}' for split, n in sorted(rows.items()))}" in said
    assert sum(rows.values()) == ROWS - 1
    stored = json.loads((tmp_path / "out/export.json").read_text())
    assert {file["template"] for file in stored["files"] if file["split"]} == set(manifest.templates)


def test_videos_are_links_to_the_homes_own_files(senses, tmp_path):
    manifest, _ = wrote(senses, tmp_path / "out", "safesora")
    found = list((tmp_path / "out/videos").glob("*/*.mp4"))
    assert len(found) == 2 * ROWS
    for path in found:
        assert path.stat().st_nlink > 1
        assert path.read_bytes() in senses.files.values()
    listed = {file.path: file for file in manifest.files}
    assert {path.relative_to(tmp_path / "out").as_posix() for path in found} <= listed.keys()
    assert manifest.is_whole(tmp_path / "out")
    assert read_manifest(tmp_path / "out") == manifest
    again, is_new = wrote(senses, tmp_path / "out", "safesora")
    assert (again, is_new) == (manifest, False)


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EMLINK])
def test_files_are_copied_where_they_cannot_be_linked(senses, tmp_path, monkeypatch, number):
    def refuse(self, target):
        raise OSError(number, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    manifest, _ = wrote(senses, tmp_path / "out", "safesora")
    found = list((tmp_path / "out/videos").glob("*/*.mp4"))
    assert {path.stat().st_nlink for path in found} == {1}
    assert all(path.read_bytes() in senses.files.values() for path in found)
    assert manifest.is_whole(tmp_path / "out")


def test_a_full_disk_is_told_and_leaves_nothing(senses, tmp_path, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with pytest.raises(Terminal, match="No space left on device; free some space"):
        wrote(senses, tmp_path / "out", "safesora")
    assert list(tmp_path.iterdir()) == []


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("to", ["align-anything", "safesora", "trl", "llama-factory"])
def test_the_same_snapshot_gives_the_same_bytes(senses, tmp_path, to):
    wrote(senses, tmp_path / "one", to)
    wrote(senses, tmp_path / "other", to)
    assert content(tmp_path / "one") == content(tmp_path / "other")


def test_row_groups_hold_no_more_media_than_the_bound(senses, tmp_path, monkeypatch):
    # Two pictures fit, three do not.
    monkeypatch.setattr(
        embed, "GROUP_BYTES", 2 * max(len(data) for name, data in senses.files.items() if "t2i" in name)
    )
    wrote(senses, tmp_path / "out", "align-anything")
    for path in (tmp_path / "out/Pickapic/data").iterdir():
        file = pq.ParquetFile(path)
        assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [
            1
        ] * file.metadata.num_rows
    for path in (tmp_path / "out/AA_TI2T/data").iterdir():
        file = pq.ParquetFile(path)
        assert max(file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)) == 2


def test_lines_of_json_hold_paths_and_no_bytes(senses, tmp_path):
    with pytest.raises(Terminal, match="JSON lines cannot hold the media that trl reads from its rows: say --format"):
        wrote(senses, tmp_path / "out", "trl", format="jsonl")
    assert list(tmp_path.iterdir()) == []
    wrote(senses, tmp_path / "out", "llama-factory", format="jsonl")
    rows = pl.concat(pl.read_ndjson(path) for path in (tmp_path / "out/data").glob("*.jsonl"))
    paths = [path for name in ("images", "videos", "audios") for path in rows[name].explode().drop_nulls()]
    assert len(paths) == 3 * ROWS + 3
    assert {Path(path).suffix for path in paths} == {".png", ".mp4", ".wav"}
    assert all((tmp_path / "out" / path).is_file() for path in paths)


@pytest.mark.parametrize("to", ["align-anything", "safesora", "trl", "llama-factory"])
def test_batches_do_not_show(senses, tmp_path, monkeypatch, to):
    wrote(senses, tmp_path / "whole", to)
    monkeypatch.setattr(reading, "BATCH", 4)
    wrote(senses, tmp_path / "out", to)
    assert everything(tmp_path / "out") == everything(tmp_path / "whole")


def everything(folder):
    """The rows of every file, in no order, and the files beside them."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".parquet":
            found[name] = sorted(map(str, pl.read_parquet(path).to_dicts()))
        elif path.suffix == ".gz":
            found[name] = sorted(map(str, json.loads(gzip.decompress(path.read_bytes()))))
        elif path.is_file() and path.name != "export.json":
            found[name] = path.read_bytes()
    return found


def test_safesora_has_one_format():
    with pytest.raises(ValueError, match="safesora has a format of its own"):
        Export(to="safesora", out="x", format="jsonl")


def test_a_blob_that_was_lost_is_no_media(tmp_path):
    world = Senses(tmp_path)
    opened = warehouse.open(world.curate())
    lost = next(place for place in opened.home.media.glob("*/*") if place.read_bytes() == world.files["t2v-0-left.mp4"])
    lost.unlink()
    manifest, _ = export(opened, Export(to="safesora", out="x"), tmp_path / "out")
    # Three judgments of the video.
    assert manifest.left_out["no_media"] == 3
    assert sum(counts.rows for counts in manifest.splits.values()) == ROWS - 1
    assert video(0) not in [path.read_bytes() for path in (tmp_path / "out/videos").glob("*/*")]
