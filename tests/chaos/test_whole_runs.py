"""R1, R2, R4, R6 for the whole flow: killed, starved or doubled, a run loses nothing, repeats nothing and leaves nothing."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import warehouse
from flows.prefect_home import end_left_behind_servers
from tests.chaos import child
from tests.chaos.faults import faults
from tests.flows.here import broken, run
from tests.flows.test_runs import PLAN, logical, rows, write
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home
from warehouse.runs import list_runs

RUN = "tests.flows.here:run_in_child"
SERVER = "prefect.server.api.server:create_app"
WINNOW = Path(sys.executable).with_name("winnow")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What an undisturbed run makes of the two rounds of files."""
    place = make_world(tmp_path_factory.mktemp("expected"))
    run(place / "plan.yaml", place / "home")
    first = logical(place)
    grow(place)
    run(place / "plan.yaml", place / "home")
    return first, logical(place)


def make_world(place):
    (place / "plan.yaml").write_text(PLAN)
    write(place / "one/a.jsonl", [*rows(range(40)), *rows(range(5))])
    write(place / "two.jsonl", rows(range(30, 50)))
    return place


def grow(place):
    write(place / "one/b.jsonl", rows(range(35, 60)))


def operations(place):
    """How many disk operations the second round takes."""
    with faults() as counted:
        run(place / "plan.yaml", place / "home")
    return counted.count


@pytest.fixture
def world(tmp_path):
    """A home with the first round published and the second one's files in place."""
    place = make_world(tmp_path)
    run(place / "plan.yaml", place / "home")
    grow(place)
    return place


def instants(count, large):
    """Which operations to strike at: all of them, or a spread that has the first and the last."""
    return range(1, count + 1) if large else sorted({1, count, *random.Random(count).sample(range(1, count + 1), 3)})


@pytest.mark.parametrize("strike", ["kill", "full", "broken"])
def test_a_strike_at_any_disk_operation_leaves_old_or_new_and_a_rerun_makes_it_good(
    world, expected, large, strike, tmp_path_factory
):
    places = tmp_path_factory.mktemp(strike)
    count = operations(Path(shutil.copytree(world, places / "counted")))
    assert count > 60
    for at in instants(count, large):
        place = Path(shutil.copytree(world, places / str(at)))
        code, said = child.run(RUN, place / "plan.yaml", place / "home", at=at, strike=strike)
        assert code != 0, said
        assert logical(place) in expected
        run(place / "plan.yaml", place / "home")
        assert logical(place) == expected[1]
        assert broken(place / "home") == []
        assert {each.state for each in list_runs(Home.at(place / "home"))} <= {"completed", "dead", "failed"}


def start(world):
    """Start the command in a session of its own, as a terminal would."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    words = [str(WINNOW), "run", str(world / "plan.yaml"), "--home", str(world / "home")]
    return subprocess.Popen(
        words, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def processes(world):
    """Every process of a run in this home: the run, those that read files for it, and the server it started."""
    return [each.pid for each in psutil.process_iter() if is_of(each, world)]


def api_servers(world):
    """The server that a run started, once it is more than a fork of the run."""
    each_process = psutil.process_iter(["cmdline"])
    return [each.pid for each in each_process if SERVER in (each.info["cmdline"] or []) and is_of(each, world)]


def is_of(process, world):
    try:
        return process.environ().get("PREFECT_HOME") == str(world / "home/prefect")
    except psutil.Error:
        return False


def test_killed_at_random_instants_under_prefect(world, expected, large):
    seed = int(time.time())
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _ in range(40 if large else 6):
        process = start(world)
        try:
            process.wait(timeout=dice.uniform(0.5, 14.0))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert logical(world) in expected
        assert [each.snapshot for each in snapshots(Home.at(world / "home"))] in ([1], [1, 2])
        assert processes(world) == []
    run(world / "plan.yaml", world / "home")
    assert logical(world) == expected[1]
    assert broken(world / "home") == []


def test_a_server_that_a_killed_run_left_behind_is_ended_by_the_next_call(world):
    process = start(world)
    deadline = time.monotonic() + 60
    while not (left := api_servers(world)):
        assert time.monotonic() < deadline, "the run started no server"
        assert process.poll() is None, process.stderr.read()
    process.kill()
    process.wait()
    assert end_left_behind_servers(world / "home") == left
    while processes(world):
        assert time.monotonic() < deadline, "the processes that read files for the run outlive it"


def test_twins_publish_once(world, expected):
    twins = [child.spawn(RUN, world / "plan.yaml", world / "home") for _ in range(2)]
    said = [twin.communicate(timeout=300) for twin in twins]
    assert [twin.returncode for twin in twins] == [0, 0], said
    assert [each.snapshot for each in snapshots(Home.at(world / "home"))] == [1, 2]
    assert logical(world) == expected[1]


def test_readers_see_whole_snapshots_while_a_run_publishes(world, expected):
    running = child.spawn(RUN, world / "plan.yaml", world / "home")
    seen = []
    while running.poll() is None or not seen:
        opened = warehouse.open(world / "home")
        counted = opened.sql("select (select count(*) from rows) as n, (select count(*) from pairs) as p").row(0)
        seen.append((opened.snapshot.snapshot, counted))
    assert running.returncode == 0
    assert [number for number, _ in seen] == sorted(number for number, _ in seen)
    sizes = {number: (len(tables["rows"]), len(tables["pairs"])) for number, tables in enumerate(expected, start=1)}
    assert {(number, counted) for number, counted in seen} <= set(sizes.items())


def test_a_moved_home_goes_on(world, expected):
    (world / "home").rename(world / "moved")
    outcome = run(world / "plan.yaml", world / "moved")
    (world / "moved").rename(world / "home")
    assert outcome.snapshot.snapshot == 2
    assert logical(world) == expected[1]
    assert run(world / "plan.yaml", world / "home").is_new is False
