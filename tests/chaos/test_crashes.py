"""R1: a crash loses and repeats nothing. The process is killed at a disk operation, then the run is repeated."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import duckdb
import pytest

from tests.chaos import child, scenes
from tests.chaos.faults import faults
from tests.warehouse.shelf import contents, delta_contents, everything, strays
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home

OLD = {"rows": ["a 1", "a 2"], "splits": ["a 1", "a 2"]}
NEW = {"rows": ["a 1", "a 2", "b 1", "b 2"], "splits": ["a 1", "a 2", "b 1", "b 2"]}
CURATE = "tests.chaos.scenes:curate"


@pytest.fixture
def operations(fresh):
    """The names of the disk operations of the run that is going to be killed, in order."""
    with faults() as counted:
        scenes.curate(fresh("counted").path, "a", "b")
    return counted.seen


def points(operations, large):
    """Before every operation, and just after the commit that makes a snapshot; in large numbers after every one too."""
    numbers = range(1, len(operations) + 1)
    last_commit = max(number for number in numbers if operations[number - 1] == "commit")
    return [(number, False) for number in numbers] + [
        (number, True) for number in (numbers if large else [last_commit])
    ]


def check_killed(home):
    """What readers see after the kill is the old or the new, in every way of reading."""
    for snapshot in snapshots(home):
        expected = OLD if snapshot.snapshot == 1 else NEW
        assert contents(home, snapshot.snapshot) == delta_contents(home, snapshot.snapshot) == expected
    with duckdb.connect(str(home.catalog), read_only=True) as reader:
        names = [name for (name,) in reader.execute("select component_id from splits order by all").fetchall()]
    assert names in (OLD["splits"], NEW["splits"])


def check_repeated(home):
    """The repeated run has made everything good, and left nothing behind; a third one has nothing to do."""
    assert contents(home) == delta_contents(home) == NEW
    assert [snapshot.snapshot for snapshot in snapshots(home)] == [1, 2]
    with duckdb.connect(str(home.catalog), read_only=True) as reader:
        assert reader.execute("select count(*) from splits").fetchall() == [(4,)]
        assert reader.execute("select count(*) from snapshot_1.splits").fetchall() == [(2,)]
    assert strays(home) == set()
    settled = everything(home)
    scenes.curate(home.path, "a", "b")
    assert everything(home) == settled


def test_killed_at_a_disk_operation_and_repeated(operations, fresh, large):
    for number, after in points(operations, large):
        home = fresh()
        code, said = child.run(CURATE, home.path, "a", "b", at=number, strike="kill", after=after)
        assert code == -9, f"operation {number} ({operations[number - 1]}): {said}"
        check_killed(home)
        scenes.curate(home.path, "a", "b")
        check_repeated(home)


def test_killed_again_and_again_until_it_is_done(tmp_path, large):
    """On one home, from before it is made, each time a little later: what one crash leaves is the next one's start."""
    place = tmp_path / "home"
    for number in range(1, 200) if large else (40,):
        code, said = child.run(CURATE, place, "a", "b", at=number)
        assert code in (0, -9), said
    scenes.curate(place, "a", "b")
    assert contents(Home.at(place)) == delta_contents(Home.at(place)) == NEW
    assert strays(Home.at(place)) == set()


@pytest.mark.parametrize("call", ["linkat", "unlink"])
def test_killed_by_the_kernel_inside_a_delta_commit(fresh, large, tmp_path, call):
    """delta-rs writes a log entry aside, links it into place and unlinks the first name; strace kills it in there."""
    if not large or shutil.which("strace") is None:
        pytest.skip("one of the large ones, and it needs strace")
    home = fresh()
    told = json.dumps({"call": CURATE, "args": [str(home.path), "a", "b"], "at": 0, "strike": "kill", "after": False})
    strace = ["strace", "-f", "-o", str(tmp_path / "calls"), "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL"]
    command = [*strace, sys.executable, "-m", "tests.chaos.child", told]
    subprocess.run(command, cwd=child.ROOT, check=False, capture_output=True, timeout=120)
    if "killed by SIGKILL" not in (tmp_path / "calls").read_text():
        pytest.skip("strace may not trace here")
    assert any("#" in left for left in strays(home)), "it died elsewhere"
    check_killed(home)
    scenes.curate(home.path, "a", "b")
    check_repeated(home)
