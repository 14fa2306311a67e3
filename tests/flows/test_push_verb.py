"""`winnow push` as a user meets it: one commit or none, plans, folders, dry runs, and one message where it fails."""

from __future__ import annotations

import json
import re
import shutil

import pytest

import warehouse
from flows.publish.push import prepare_into, push
from schemas.plan.push import Push
from tests.flows.here import run
from tests.flows.pushed import REPO, ROWS, content, files_of, read, say, world
from tests.flows.test_runs import write
from tests.loopback.client import connected


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two dimensions, ties, a short answer that a rule drops, a system message, and pairs for evaluation only."""
    return world(tmp_path_factory.mktemp("world"), ROWS)


@pytest.fixture
def hub(monkeypatch):
    with connected(monkeypatch) as fake:
        yield fake


def test_a_push_again_adds_no_commit_and_a_new_snapshot_one(tmp_path, hub):
    home = world(tmp_path, ROWS[:20])
    words = ("push", REPO, "--home", home, "--branch", "draft", "--table", "contradictions")
    told = say(*words)
    commit = hub.repos[REPO].branches["draft"]
    rows = {
        config: ", ".join(
            f"{split} {n}"
            for split, n in sorted(read(files_of(hub, "draft"), config)["pushed_split"].value_counts().iter_rows())
        )
        for config in ("a-fine-tone", "helpfulness")
    }
    assert told.output.splitlines() == [
        f"snapshot 1 of world for {REPO}, branch draft",
        "pairs     44 of 44 kept",
        f"rows      a-fine-tone: {rows['a-fine-tone']}",
        f"rows      helpfulness: {rows['helpfulness']}",
        "empty     contradictions: the snapshot has no such rows",
        "licences  CC-BY-NC-4.0 4, MIT 40",
        f"pushed    {hub.endpoint}/datasets/{REPO}, commit {commit[:8]}: {len(files_of(hub, 'draft'))} files written, 0 deleted",
    ]
    again = say(*words)
    assert again.output.splitlines()[-1] == (
        f"unchanged {hub.endpoint}/datasets/{REPO} holds this already, at commit {commit[:8]}"
    )
    assert len(hub.repos[REPO].commits) == 2
    write(tmp_path / "graded.jsonl", ROWS[:30])
    run(tmp_path / "plan.yaml", home)
    assert say(*words).exit_code == 0
    assert len(hub.repos[REPO].commits) == 3
    assert json.loads(files_of(hub, "draft")["winnow.json"])["snapshot"] == 2
    assert say(*words, "--at", "1").exit_code == 0
    assert json.loads(files_of(hub, "draft")["winnow.json"])["snapshot"] == 1


@pytest.mark.parametrize(("how", "code"), [("refuse", 2), ("drop", 2), ("lose", 2)])
def test_a_failing_hub_is_one_message(home, hub, how, code):
    hub.break_down(0, how)
    told = say("push", REPO, "--home", home)
    assert told.exit_code == code
    assert re.fullmatch(r"the Hub .* again; what is there already is not pushed twice\n", told.output)


def test_dry_runs_and_folders_need_no_network(home, tmp_path, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    told = say("push", REPO, "--home", home, "--dry-run")
    assert (told.exit_code, told.output.splitlines()[-1]) == (0, "dry run   nothing was pushed")
    told = say("push", REPO, "--home", home, "--into", tmp_path / "out")
    assert told.output.splitlines()[-1] == f"prepared  in {tmp_path / 'out'}; nothing was pushed"
    assert {"README.md", "winnow.json", "data/helpfulness/test-00000-of-00001.parquet"} <= content(
        tmp_path / "out"
    ).keys()
    manifest = json.loads((tmp_path / "out/winnow.json").read_text())
    assert {"winnow.json", *[file["path"] for file in manifest["files"]]} == content(tmp_path / "out").keys()
    assert list((home / "aside").iterdir()) == []


def test_a_folder_with_other_things_is_left_alone(home, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    told = say("push", REPO, "--home", home, "--into", tmp_path)
    assert (told.exit_code, "holds other things than a push (notes.txt)" in told.output) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_holds_what_the_hub_would(home, hub, tmp_path):
    push(warehouse.open(home), Push(repo=REPO))
    prepare_into(warehouse.open(home), Push(repo=REPO), tmp_path / "out")
    assert content(tmp_path / "out") == files_of(hub)


def test_a_plan_says_where_to_and_the_command_line_changes_it(home, hub, tmp_path):
    plan = home.parent / "plan.yaml"
    assert say("push", "--home", home, "--plan", plan).exit_code == 0
    assert say("push", "--home", home, "--plan", plan, "--branch", "draft").exit_code == 0
    assert hub.repos[REPO].branches.keys() == {"main", "draft"}
    assert len(hub.repos[REPO].commits) == 3
    other = tmp_path / "other.yaml"
    other.write_text(plan.read_text().replace("name: world", "name: other", 1))
    told = say("push", "--home", home, "--plan", other)
    assert (told.exit_code, "is the plan of other, and the home holds world" in told.output) == (2, True)
    other.write_text(re.sub("push:.*", "", plan.read_text()))
    told = say("push", "--home", home, "--plan", other)
    assert (told.exit_code, "does not say `push`" in told.output) == (2, True)


def test_what_a_plan_pushes_makes_no_other_snapshot_and_a_run_pushes_nothing(home, hub, tmp_path):
    moved = shutil.copytree(home.parent, tmp_path / "moved")
    outcome = run(moved / "plan.yaml", moved / "home", "push.repo=team/other")
    assert (outcome.snapshot.snapshot, outcome.is_new) == (1, False)
    assert hub.requests == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say which dataset to push to: winnow push OWNER/NAME"),
        (["data"], "repo: string should match pattern"),
        (["team/data", "--table", "records"], "tables.0: input should be 'metrics', 'contradictions'"),
        (["team/data", "--branch", "a" * 40], "branch: a commit cannot be pushed to: name a branch"),
        (["team/data", "--at", "9"], "never had a snapshot 9"),
    ],
)
def test_wrong_words_are_told(home, words, message):
    told = say("push", *words, "--home", home)
    assert (told.exit_code, message in told.output) == (2, True), told.output


def test_mistakes_in_a_plan_are_told_with_their_line(home):
    told = say("check", home.parent / "plan.yaml", "--home", home, "--set", "push.repo=data")
    assert (told.exit_code, "push.repo: " in told.output) == (2, True), told.output
