from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from schemas.errors import Terminal
from warehouse.runs import Lock, end_run, holder, list_runs, start_run

CHILD = """
import sys
from warehouse.home import Home
from warehouse.runs import Lock, start_run
home = Home.at(sys.argv[1])
with Lock(home):
    start_run(home, "child", "plan")
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def child(home):
    """A process that holds the home until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"locked\n"
        yield process
        process.kill()


def test_the_holder_signs_while_it_holds(home):
    with Lock(home):
        signed = holder(home)
        assert signed.pid == os.getpid()
        assert str(os.getpid()) in str(signed)
    assert holder(home) is None


def test_a_second_one_is_told_who_holds_and_waits(home, child):
    told = []
    heard = threading.Event()

    def hear(message):
        told.append(message)
        heard.set()

    def wait():
        with Lock(home, waiting=hear):
            told.append("entered")

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert heard.wait(30)
    assert f"process {child.pid} on " in told[0]
    assert len(told) == 1
    child.stdin.close()
    waiter.join()
    assert told[1:] == ["entered"]


def test_the_kernel_frees_the_lock_of_a_killed_process(home, child):
    child.send_signal(signal.SIGKILL)
    child.wait()
    told = []
    with Lock(home, waiting=told.append):
        assert told == []
        assert holder(home).pid == os.getpid()


def test_threads_exclude_each_other(home):
    inside, most = [], []

    def enter():
        with Lock(home, waiting=lambda _: None):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_the_lock_is_free_after_an_error(home):
    with pytest.raises(ZeroDivisionError), Lock(home):
        1 / 0  # noqa: B018
    with Lock(home, waiting=pytest.fail):
        pass


def test_a_run_is_recorded_from_start_to_end(home):
    started = start_run(home, "r1", "plan a")
    assert [(run.run_id, run.state, run.plan) for run in list_runs(home)] == [("r1", "running", "plan a")]
    ended = end_run(home, "r1", "published", snapshot=3, message="fine")
    assert list_runs(home) == [ended]
    assert (ended.snapshot, ended.message, ended.started_at) == (3, "fine", started.started_at)
    assert ended.ended_at >= started.started_at


def test_a_run_that_never_started_cannot_end(home):
    with pytest.raises(Terminal, match="no record of run r1"):
        end_run(home, "r1", "published")


def test_the_run_of_a_killed_process_is_dead(home, child):
    assert [run.state for run in list_runs(home)] == ["running"]
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert [run.state for run in list_runs(home)] == ["dead"]


def test_a_dead_process_that_nobody_has_asked_for_is_dead(home, child):
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert [run.state for run in list_runs(home)] == ["dead"]


def test_a_later_process_with_the_same_number_is_somebody_else(home):
    start_run(home, "r1", "plan")
    record = home.runs / "r1.json"
    said = json.loads(record.read_text())
    record.write_text(json.dumps(said | {"born": said["born"] - 1000}))
    assert [run.state for run in list_runs(home)] == ["dead"]


@pytest.mark.parametrize(("signs", "state"), [(True, "running"), (False, "dead")])
def test_a_run_on_another_machine_lives_as_long_as_it_signs(home, signs, state):
    start_run(home, "r1", "plan")
    record = home.runs / "r1.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"host": "elsewhere", "pid": 17}))
    signed = {"pid": 17, "host": "elsewhere", "since": "2026-01-01T00:00:00Z", "command": "winnow run"}
    home.lock.write_text(json.dumps(signed) if signs else "")
    assert [run.state for run in list_runs(home)] == [state]


def test_runs_are_listed_in_order(home):
    for name in ("z", "a", "m"):
        start_run(home, name, "plan")
    assert [run.run_id for run in list_runs(home)] == ["z", "a", "m"]


def test_the_thread_that_holds_a_home_may_enter_again_and_others_may_not(home):
    is_waiting, has_entered = threading.Event(), threading.Event()

    def enter():
        with Lock(home, waiting=lambda _: is_waiting.set()):
            has_entered.set()

    other = threading.Thread(target=enter)
    with Lock(home):
        with Lock(home):
            other.start()
            assert is_waiting.wait(timeout=30)
        assert not has_entered.is_set()
    other.join(timeout=30)
    assert has_entered.is_set()
