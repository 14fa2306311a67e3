import json
import shutil
import threading

import pytest

from schemas.errors import Terminal
from warehouse import disk
from warehouse.home import Home
from warehouse.tiny.unpack import unpack_tiny

_HELD = ["QUALITY.json", "coca", "samples", "whisper"]


def test_the_models_are_unpacked_once(tmp_path):
    home = Home.at(tmp_path / "home")
    place = unpack_tiny(home)
    assert sorted(entry.name for entry in place.iterdir()) == _HELD
    mark = place / "mark"
    mark.touch()
    assert unpack_tiny(home) == place
    assert mark.exists()


def test_the_archive_has_no_more_than_sixteen_megabytes_and_its_quality_beside_it():
    from importlib.resources import files

    folder = files("warehouse.tiny")
    assert len((folder / "winnow-tiny.tar.zst").read_bytes()) <= 16 << 20
    assert json.loads((folder / "QUALITY.json").read_text())


def test_two_at_once_both_find_them_whole(tmp_path):
    home = Home.at(tmp_path / "home")
    found = []
    threads = [threading.Thread(target=lambda: found.append(unpack_tiny(home))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
    assert sorted(entry.name for entry in found[0].iterdir()) == _HELD


def test_what_a_killed_process_left_is_not_taken_for_the_models(tmp_path, monkeypatch):
    home = Home.at(tmp_path / "home")

    def die(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(disk, "rename", die)
    with pytest.raises(KeyboardInterrupt):
        unpack_tiny(home)
    assert not list(home.hub.rglob("*.safetensors"))
    monkeypatch.undo()
    assert sorted(entry.name for entry in unpack_tiny(home).iterdir()) == _HELD


def test_a_disk_that_cannot_be_written_is_said(tmp_path):
    home = Home.at(tmp_path / "home")
    shutil.rmtree(home.hub)
    home.hub.write_text("no folder")
    with pytest.raises(Terminal, match=r"cannot write .*winnow-tiny"):
        unpack_tiny(home)
