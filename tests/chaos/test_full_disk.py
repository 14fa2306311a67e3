"""R4: a full or broken disk is an error, not a disaster."""

from __future__ import annotations

import itertools
import os
import subprocess

import pytest

from schemas.errors import Terminal
from tests.chaos import scenes
from tests.chaos.faults import faults
from tests.warehouse.shelf import contents, delta_contents, strays
from warehouse.catalog import refresh_catalog_if_moved
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home

OLD = {"rows": ["a 1", "a 2"], "splits": ["a 1", "a 2"]}
NEW = {"rows": ["b 1", "b 2"], "splits": ["b 1", "b 2"]}


def attempt(home, number, strike, *, after):
    """Run with a fault at operation `number`; return what was said, if anything."""
    try:
        with faults(number, strike, after=after):
            scenes.curate(home.path, "b", keep=1)
    except Terminal as error:
        return str(error)
    return None


def check(home, said, number):
    visible = [snapshot.snapshot for snapshot in snapshots(home)]
    assert contents(home) == delta_contents(home) == (OLD if visible == [1] else NEW), number
    if said is not None:
        assert str(home.path) in said, number
        assert "again" in said, number
        assert said.isprintable(), number
        assert "No space left on device" in said or "Input/output error" in said, number
    else:
        assert visible == [2], "only what comes after the commit may fail in silence"
    scenes.curate(home.path, "b", keep=1)
    refresh_catalog_if_moved(home)
    assert contents(home) == delta_contents(home) == NEW, number
    assert strays(home) == set(), number


def test_each_operation_may_fail(fresh, large):
    with faults() as counted:
        scenes.curate(fresh("counted").path, "b", keep=1)
    assert counted.count > 50
    moments = (False, True) if large else (False,)
    for number, strike, after in itertools.product(range(1, counted.count + 1), ("full", "broken"), moments):
        home = fresh()
        check(home, attempt(home, number, strike, after=after), number)


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 2 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small file system needs rights that this process has not")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_real_small_disk_fills_up_and_is_freed(small_disk):
    """Here the libraries themselves run into the full disk, delta-rs in the middle of a commit too."""
    home = Home.at(small_disk / "home")
    scenes.curate(home.path, "a", keep=1)
    for room in (0, 1, 2, 3, 5, 8, 12, 17, 23):
        ballast = small_disk / "ballast"
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        ballast.write_bytes(bytes(max(0, free - room * 4096)))
        said = attempt(home, 0, "full", after=False)
        assert said is None or ("space" in said and said.isprintable())
        assert contents(home) in (OLD, NEW)
        ballast.unlink()
    scenes.curate(home.path, "b", keep=1)
    assert contents(home) == delta_contents(home) == NEW
    assert strays(home) == set()
