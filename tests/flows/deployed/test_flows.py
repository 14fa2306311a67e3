"""What the deployed flows do, called without a server."""

import pyarrow.parquet as pq
import pytest

import flows.deployed.audit_on_publish
import flows.deployed.curate_nightly
import flows.deployed.maintain
import flows.deployed.push_on_publish
import flows.deployed.train_on_publish
from flows.deployed.audit_on_publish import audit_on_publish
from flows.deployed.curate_nightly import curate_nightly
from flows.deployed.maintain import maintain
from flows.deployed.push_on_publish import push_on_publish
from flows.deployed.train_on_publish import train_on_publish
from schemas.errors import BrokenPromise, Terminal
from tests.flows.here import run
from tests.flows.test_runs import PLAN, rows, write
from tests.training.tiny import save_encoder
from warehouse.answers.audit import Finding
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home
from warehouse.runs import list_runs, start_run


@pytest.fixture
def world(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "one/a.jsonl", rows(range(9)))
    return tmp_path


@pytest.fixture
def nightly(world, monkeypatch):
    """Runs the nightly flow, its work in this process; returns what it says and whom it told."""
    told = []

    def bring_up_to_date(plan, home, overrides):
        outcome = run(plan, home, *overrides)
        return outcome.snapshot, outcome.is_new

    monkeypatch.setattr(flows.deployed.curate_nightly, "bring_up_to_date", bring_up_to_date)
    monkeypatch.setattr(
        "flows.announce._tell", lambda home, snapshot, starter: told.append((snapshot, starter)) or True
    )
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")

    def once(*overrides):
        told.clear()
        state = curate_nightly.fn(world / "plan.yaml", world / "home", overrides)
        return state.message, [(snapshot.snapshot, starter) for snapshot, starter in told]

    return once


def test_a_night_with_nothing_new_makes_no_snapshot_no_run_and_no_event(world, nightly):
    assert nightly() == ("published snapshot 1 and announced it", [(1, "deployment")])
    assert nightly() == ("nothing new: snapshot 1 stands", [])
    home = Home.at(world / "home")
    assert len(snapshots(home)) == len(list_runs(home)) == 1
    write(world / "one/b.jsonl", rows(range(20, 25)))
    assert nightly() == ("published snapshot 2 and announced it", [(2, "deployment")])
    assert nightly("split.salt=other") == ("published snapshot 3 and announced it", [(3, "deployment")])


def test_a_snapshot_whose_run_died_before_it_could_tell_is_announced_by_the_next_night(world, nightly):
    run(world / "plan.yaml", world / "home")
    assert nightly() == ("nothing new: snapshot 1 stands and announced it", [(1, "deployment")])
    assert nightly() == ("nothing new: snapshot 1 stands", [])


@pytest.fixture
def artifacts(monkeypatch):
    made = []
    for module in (flows.deployed.audit_on_publish, flows.deployed.maintain, flows.deployed.train_on_publish):
        monkeypatch.setattr(module, "create_table_artifact", lambda table, **about: made.append((table, about)))
    monkeypatch.setattr(
        flows.deployed.push_on_publish, "create_markdown_artifact", lambda said, **about: made.append((said, about))
    )
    return made


def test_an_audit_leaves_a_table_of_the_laws(world, artifacts):
    run(world / "plan.yaml", world / "home")
    state = audit_on_publish.fn(world / "home", 1)
    ((table, about),) = artifacts
    assert state.message == f"snapshot 1: all {len(table)} promises hold"
    assert {line["law"] for line in table} == {1, 2, 3, 4, 5, 6, 7}
    assert {line["broken rows"] for line in table} == {0}
    assert (about["key"], about["description"]) == ("winnow-audit", f"The laws of snapshot 1 of {world / 'home'}")


def test_a_deep_audit_also_reads_the_files_and_fails_with_what_is_broken(world, artifacts):
    run(world / "plan.yaml", world / "home")
    (file, *_) = sorted((world / "home/tables/pairs").glob("*.parquet"))
    # The same rows in other bytes.
    pq.write_table(pq.read_table(file), file, compression="none")
    with pytest.raises(BrokenPromise, match="snapshot 1: every file is the one that was written: broken"):
        audit_on_publish.fn(world / "home", deep=True)
    ((table, _),) = artifacts
    (broken,) = [line for line in table if line["broken rows"]]
    assert file.name in broken["examples"]


def test_a_broken_law_fails_the_audit_after_its_table_is_written(world, artifacts, monkeypatch):
    run(world / "plan.yaml", world / "home")
    findings = [Finding(2, "rows feed", 0, []), Finding(5, "carriers stay", 3, [{"pair_id": "p"}])]
    monkeypatch.setattr(flows.deployed.audit_on_publish, "check_laws", lambda opened, *, deep: findings)
    with pytest.raises(BrokenPromise, match="snapshot 1: carriers stay: broken"):
        audit_on_publish.fn(world / "home")
    assert artifacts[0][0][1] == {
        "law": 5, "promise": "carriers stay", "broken rows": 3, "examples": '{"pair_id": "p"}'
    }  # fmt: skip


@pytest.mark.parametrize("flow", [audit_on_publish, maintain])
def test_what_follows_makes_no_home(flow, tmp_path, artifacts):
    with pytest.raises(Terminal, match="is no winnow home"):
        flow.fn(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_upkeep_closes_dead_runs_and_says_what_went(world, artifacts):
    run(world / "plan.yaml", world / "home")
    home = Home.at(world / "home")
    dead = start_run(home, run_id="d" * 32, plan="world")
    (home.runs / f"{dead.run_id}.json").write_text(dead.model_copy(update={"born": 1.0}).model_dump_json())
    state = maintain.fn(world / "home")
    assert state.message == "0 snapshots, 0 models, 0 results, 0 media and 0 log entries deleted, 1 dead runs closed"
    ((table, about),) = artifacts
    assert table[-1] == {"what": "dead runs", "number": 1, "which": dead.run_id}
    assert about["key"] == "winnow-maintain"
    assert maintain.fn(world / "home").message.endswith("0 dead runs closed")
    assert [each.snapshot for each in snapshots(home)] == [1]


def test_upkeep_deletes_snapshots_that_have_grown_too_old(world, artifacts, monkeypatch):
    for salt in ("a", "b", "c"):
        run(world / "plan.yaml", world / "home", f"split.salt={salt}", "keep_snapshots=30 days")
    home = Home.at(world / "home")
    assert [each.snapshot for each in snapshots(home)] == [1, 2, 3]
    monkeypatch.setattr("warehouse.upkeep.upkeep._keep", lambda newest: 1)
    assert maintain.fn(world / "home").message.startswith("2 snapshots, ")
    assert artifacts[0][0][0] == {"what": "expired snapshots", "number": 2, "which": "1, 2"}
    assert [each.snapshot for each in snapshots(home)] == [3]


def test_what_the_plan_names_is_trained_once(world, artifacts):
    plan = world / "plan.yaml"
    write(world / "one/a.jsonl", rows(range(60)))
    run(plan, world / "home")
    assert "trains nothing" in train_on_publish.fn(plan, world / "home").message
    save_encoder(world / "encoder")
    plan.write_text(PLAN + "train: {head: {encoder: {path: encoder}, blocks: [hand], held_out: test, folds: 0}}\n")
    assert not run(plan, world / "home").is_new
    assert train_on_publish.fn(plan, world / "home", 1).message.endswith("trained, as in snapshot 2")
    assert train_on_publish.fn(plan, world / "home").message.endswith("unchanged, as in snapshot 2")
    first, again = (table for table, _ in artifacts)
    assert first == again
    assert {"accuracy", "ece"} <= {row["metric"] for row in first}


def test_what_the_plan_pushes_is_prepared_in_a_folder(world, artifacts):
    plan = world / "plan.yaml"
    run(plan, world / "home")
    assert "is pushed nowhere" in push_on_publish.fn(plan, world / "home").message
    plan.write_text(PLAN.replace("path: one/*.jsonl", "path: one/*.jsonl, license: MIT") + "push: {repo: me/mine}\n")
    run(plan, world / "home")
    said = push_on_publish.fn(plan, world / "home", into=world / "out").message
    assert said == f"9 pairs of snapshot 2 to {world / 'out'}; 0 withheld"
    assert (world / "out" / "README.md").exists()
    assert artifacts == [(said, {"key": "winnow-push", "description": f"What {world / 'out'} holds now"})]
