"""What a Prefect server hears of a published snapshot, and that nothing breaks where there is none."""

import json

import pytest

import flows.announce
from flows.announce import PUBLISHED, announce
from tests.flows.here import run
from tests.flows.test_runs import PLAN, rows, write
from warehouse.home import Home
from warehouse.runs import is_announced, list_runs, mark_announced


@pytest.fixture
def world(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "one/a.jsonl", [*rows(range(9)), *rows(range(2))])
    with (tmp_path / "one/a.jsonl").open("a") as file:
        file.write("nonsense")
    write(tmp_path / "two.jsonl", rows(range(20, 23)))
    return tmp_path


@pytest.fixture
def published(world):
    snapshot = run(world / "plan.yaml", world / "home").snapshot
    return Home.at(world / "home"), snapshot


@pytest.fixture
def server(monkeypatch):
    """A server that writes down what it hears; without `is_there` it cannot be reached."""

    class Server:
        heard: list = []
        is_there = True

    async def hear(about):
        if not Server.is_there:
            raise ConnectionError("nobody there")
        Server.heard.append(about)

    Server.heard = []
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr(flows.announce, "_emit", hear)
    return Server


@pytest.mark.parametrize("starter", ["command", "deployment"])
def test_a_snapshot_is_told_once_with_home_number_and_counts(published, server, starter):
    home, snapshot = published
    assert announce(home, snapshot, starter)
    assert not announce(home, snapshot, starter)
    (event,) = server.heard
    assert event["event"] == PUBLISHED == "winnow.snapshot.published"
    assert event["resource"] == {
        "prefect.resource.id": "winnow.dataset.world",
        "prefect.resource.name": "world",
        "winnow.started-by": starter,
    }
    assert json.loads(json.dumps(event["payload"])) == {
        "home": str(home.path),
        "snapshot": 1,
        "plan": "world",
        "run": snapshot.run_id,
        "counts": {
            "rows": {"mapped": 14, "not_json": 1},
            "records": {"with pairs": 14},
            "pairs": {"kept": 12, "merged_exact": 2},
        },
    }
    assert event["id"].hex == snapshot.run_id


def test_an_unreachable_server_hears_of_a_deployed_run_from_the_next_one(published, server, caplog):
    home, snapshot = published
    server.is_there = False
    assert not announce(home, snapshot, "deployment")
    assert "snapshot 1 is published, but Prefect was not told: nobody there" in caplog.text
    server.is_there = True
    assert announce(home, snapshot, "deployment")
    assert [event["payload"]["snapshot"] for event in server.heard] == [1]


def test_a_command_tells_once_or_not_at_all(published, server):
    home, snapshot = published
    server.is_there = False
    assert not announce(home, snapshot, "command")
    server.is_there = True
    assert not announce(home, snapshot, "deployment")
    assert server.heard == []


def test_without_a_server_nobody_is_told_and_prefect_is_not_asked(published, server, monkeypatch):
    home, snapshot = published
    monkeypatch.delenv("PREFECT_API_URL")
    assert not announce(home, snapshot, "command")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    assert not announce(home, snapshot, "deployment")
    assert server.heard == []


def test_the_record_of_a_run_says_whether_it_was_announced(published):
    home, snapshot = published
    assert not is_announced(home, snapshot.run_id)
    before = list_runs(home)
    mark_announced(home, snapshot.run_id)
    assert list_runs(home) == [each.model_copy(update={"is_announced": True}) for each in before]
    (home.runs / f"{snapshot.run_id}.json").unlink()
    assert is_announced(home, snapshot.run_id)
