"""What `winnow status` says of a home: its snapshots, how runs ended, and what takes how much room."""

import json

from tests.flows.here import run
from tests.flows.test_cli import say, world  # noqa: F401  (a fixture)
from tests.flows.test_runs import rows, write
from warehouse.home import Home
from warehouse.runs import start_run


def test_sizes_add_up(world):  # noqa: F811
    run(world / "plan.yaml", world / "home")
    write(world / "one/b.jsonl", rows(range(50, 60)))
    run(world / "plan.yaml", world / "home")
    told = json.loads(say("status", "--json").output)
    assert [each["snapshot"] for each in told["snapshots"]] == [1, 2]
    assert all(0 < each["own_bytes"] <= each["bytes"] for each in told["snapshots"])
    files = [place for place in (world / "home").rglob("*") if place.is_file()]
    assert sum(told["sizes"].values()) == sum(place.stat().st_size for place in files)
    assert told["sizes"]["cached results"] == sum(p.stat().st_size for p in files if (world / "home/work") in p.parents)
    assert {table["table"]: table["rows"] for table in told["tables"]}["pairs"] == 34
    shown = say("status").output
    assert "its own" in shown
    assert "cached results" in shown
    assert "takedowns" not in shown


def test_dead_runs_are_told(world):  # noqa: F811
    run(world / "plan.yaml", world / "home")
    home = Home.at(world / "home")
    started = start_run(home, "dead-run", "world")
    (home.runs / "dead-run.json").write_text(started.model_copy(update={"born": 1.0}).model_dump_json())
    told = say("status")
    assert "runs that were cut short: 1; run the plan again" in told.output
    assert [each["state"] for each in json.loads(say("status", "--json").stdout)["runs"]] == ["completed", "dead"]
