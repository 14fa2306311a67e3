"""R5, R6: readers and writers at the same time."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import warehouse
from tests.chaos import child, scenes
from tests.warehouse.shelf import contents, delta_contents
from warehouse.delta.log import newest_version
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home


def finish(*processes):
    for process in processes:
        said, complained = process.communicate(timeout=300)
        assert process.returncode == 0, said + complained


def test_readers_see_whole_snapshots_that_never_go_back(tmp_path, large):
    home = Home.at(tmp_path / "home")
    scenes.flicker(home.path, 1)
    writers = [
        child.spawn("tests.chaos.scenes:flicker", home.path, 60 if large else 4) for _ in range(8 if large else 1)
    ]
    last, reads = 0, 0
    while any(writer.poll() is None for writer in writers):
        opened = warehouse.open(home)
        names = opened.sql("select distinct name from (select row_id as name from rows union all "
                           "select component_id from splits union all select record_id from labels)")  # fmt: skip
        assert names.height == 1, f"snapshot {opened.snapshot.snapshot} mixes {names['name'].to_list()}"
        assert opened.snapshot.snapshot >= last
        assert opened.table("rows").collect()["row_id"].to_list() == names["name"].to_list()
        last, reads = opened.snapshot.snapshot, reads + 1
    finish(*writers)
    assert reads > 0
    assert last > 1


def test_runs_of_several_processes_lose_and_double_nothing(tmp_path, large):
    home = Home.at(tmp_path / "home")
    processes, times = (8, 25 if large else 1)
    finish(*[child.spawn("tests.chaos.scenes:add", home.path, f"p{number}", times) for number in range(processes)])
    names = sorted(f"p{process}-{number}" for process in range(processes) for number in range(times))
    assert contents(home) == delta_contents(home) == {"splits": names}
    kept = snapshots(home)
    assert [snapshot.snapshot for snapshot in kept] == list(range(1, len(names) + 1))[-5:]
    for snapshot in kept:
        shown = contents(home, snapshot.snapshot)["splits"]
        assert len(shown) == snapshot.snapshot
        assert snapshot.run_id in shown


def test_identical_runs_at_once_publish_once(before, tmp_path, large):
    home = Home.at(shutil.copytree(before.path, tmp_path / "home"))
    if large:
        finish(*[child.spawn("tests.chaos.scenes:curate", home.path, "a", "b") for _ in range(8)])
    else:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: scenes.curate(home.path, "a", "b"), range(3)))
    assert [snapshot.snapshot for snapshot in snapshots(home)] == [1, 2]
    both = ["a 1", "a 2", "b 1", "b 2"]
    assert contents(home) == {"rows": both, "splits": both}
    assert newest_version(home.tables / "splits") == 2
