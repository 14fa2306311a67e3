from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Terminal
from warehouse import disk

HOLD = """
import os, sys
from pathlib import Path
from warehouse import disk
with disk.aside(Path(sys.argv[1]), "mine") as folder:
    (folder / "half").write_bytes(b"half")
    print("held", flush=True)
    sys.stdin.read()
"""


@given(st.lists(st.binary(max_size=64)))
def test_what_is_written_is_what_was_digested(parts):
    read_end, write_end = os.pipe()
    sink = disk.Sink(write_end)
    for part in parts:
        sink.write(part)
    assert sink.tell() == len(b"".join(parts))
    digest = sink.finish()
    os.close(write_end)
    with os.fdopen(read_end, "rb") as reader:
        written = reader.read()
    assert written == b"".join(parts)
    assert digest == (len(written), hashlib.sha256(written).hexdigest())


def test_a_large_file_is_written_whole(tmp_path):
    data = os.urandom(3 << 20)
    digest = disk.write_bytes(tmp_path / "deep" / "file", tmp_path / "aside", data)
    assert (tmp_path / "deep" / "file").read_bytes() == data
    assert digest.sha256 == hashlib.sha256(data).hexdigest()
    assert list((tmp_path / "aside").iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    disk.write_bytes(path, tmp_path / "aside", b"old")

    def fill(sink):
        sink.write(b"new")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    full = pytest.raises(Terminal, match=r"cannot write .*file: No space left on device; free some space")
    with full, disk.aside(tmp_path / "aside") as folder:
        disk.write_file(path, folder, fill)
    assert path.read_bytes() == b"old"
    assert list((tmp_path / "aside").iterdir()) == []


def test_an_unknown_disk_error_still_says_where(tmp_path):
    message = str(disk.cannot_write(tmp_path / "x", OSError(errno.EIO, "Input/output error")))
    assert str(tmp_path / "x") in message
    assert "check the disk" in message


def test_a_name_is_held_by_one_and_swept_after_death(tmp_path):
    root = tmp_path / "aside"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"held\n"
        disk.sweep(root)
        assert (root / "mine" / "half").exists(), "swept away under a living writer"
        child.kill()
        child.wait()
    assert (root / "mine" / "half").exists()
    with disk.aside(root, "mine") as folder:
        assert list(folder.iterdir()) == [], "the next holder starts with an empty folder"
    assert list(root.iterdir()) == []


def test_a_name_changes_hands_without_ever_having_two_holders(tmp_path):
    inside, most = [], set()

    def hold(_):
        with disk.aside(tmp_path / "aside", "mine") as folder:
            inside.append(folder)
            most.add(len(inside))
            (folder / "file").touch(exist_ok=False)
            inside.pop()
        disk.sweep(tmp_path / "aside")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hold, range(400)))
    assert most == {1}
    assert list((tmp_path / "aside").iterdir()) == []


def test_sweeping_takes_what_dead_writers_left(tmp_path):
    (tmp_path / "aside" / "dead").mkdir(parents=True)
    (tmp_path / "aside" / "dead" / "half").write_bytes(b"half")
    with disk.aside(tmp_path / "aside") as mine:
        disk.sweep(tmp_path / "aside")
        assert mine.is_dir()
        assert list((tmp_path / "aside").iterdir()) == [mine]


def test_sweeping_where_nothing_is(tmp_path):
    disk.sweep(tmp_path / "aside")


def test_removing_twice_is_no_error(tmp_path):
    (tmp_path / "x").touch()
    disk.remove(tmp_path / "x")
    disk.remove(tmp_path / "x")
    assert not (tmp_path / "x").exists()
