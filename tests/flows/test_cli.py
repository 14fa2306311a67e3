"""The command line as a person meets it: exit codes, messages, and one whole run under Prefect."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from flows.cli import app
from tests.flows.here import run
from tests.flows.test_runs import PLAN, rows, write

VERBS = ["run", "check", "sources", "status", "sql", "why", "audit", "diff", "export", "demo"]


@pytest.fixture
def world(tmp_path, monkeypatch):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(
        tmp_path / "one/a.jsonl",
        [*rows(range(20)), *rows(range(3)), {"prompt": "Why?", "chosen": "No", "rejected": "Because."}],
    )
    with (tmp_path / "one/a.jsonl").open("ab") as file:
        file.write(b'{"prompt": "torn\n')
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path


def say(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_help_names_every_verb():
    shown = say("--help").output
    assert all(verb in shown for verb in VERBS)


def test_every_verb_explains_itself():
    for verb in VERBS:
        assert say(verb, "--help").exit_code == 0


def test_check_names_every_mistake_with_its_line(world):
    (world / "bad.yaml").write_text(
        "name: w\nsources:\n  - {name: a, path: one/*.jsonl}\n  - {name: b, path: none/*.jsonl}\n  - {name: c, path: one/a.jsonl, adapter: nothing}\nrules:\n  - {name: r, drop: 'chosen_char < 3'}\n"
    )
    told = say("check", world / "bad.yaml")
    assert told.exit_code == 2
    assert (
        "line 7: rules.0.drop: 'chosen_char < 3': unknown metric or column 'chosen_char' (did you mean chosen_chars"
        in told.output
    )
    fixed = (world / "bad.yaml").read_text().replace("chosen_char ", "chosen_chars ")
    (world / "bad.yaml").write_text(fixed)
    told = say("check", world / "bad.yaml")
    assert "line 4: b: source b: nothing to read at none/*.jsonl" in told.output
    assert "line 5: c: there is no adapter 'nothing'; known are" in told.output
    assert say("check", world / "plan.yaml").exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "none.yaml"), "cannot read the plan none.yaml"),
        (("sql", "select 1"), "is no winnow home"),
        (("status",), "is no winnow home"),
    ],
)
def test_wrong_input_is_told_without_a_traceback(world, words, message):
    told = say(*words)
    assert told.exit_code == 2
    assert message in told.output.replace("\n", " ")
    assert "Traceback" not in told.output


def test_reading_verbs(world):
    run(world / "plan.yaml", world / "home")
    assert json.loads(say("sql", "select count(*) as n from pairs where kept", "--format", "json").output) == [
        {"n": 20}
    ]
    assert say("sql", "select count(*) as n from pairs", "--format", "csv").output == "n\n24\n"
    assert "merged_exact" in say("sql", "select reason, count(*) from pairs group by all").output
    for bad in ("drop table pairs", "select 1; select 2", "select * from nothing", "copy pairs to 'x.csv'"):
        assert say("sql", bad).exit_code == 2
    assert say("sql", "select 1", "--format", "xml").exit_code == 2
    assert say("audit", "--deep").exit_code == 0
    assert json.loads(say("status", "--json").output)["snapshots"][0]["snapshot"] == 1
    assert "completed" in say("status").output


def test_why_tells_the_story_of_every_kind_of_id(world):
    run(world / "plan.yaml", world / "home")

    def first(query):
        return say("sql", query, "--format", "csv").output.splitlines()[1]

    assert (
        "Another row holds exactly this pair"
        in say("why", first("select pair_id from pairs where reason = 'merged_exact'")).output
    )
    assert "chosen_chars < 4 with" in say("why", first("select pair_id from pairs where rule = 'short'")).output
    assert "was kept, in split" in say("why", first("select record_id from pairs where kept")).output
    assert "The line is not valid JSON." in say("why", first("select row_id from quarantine")).output
    assert "was mapped" in say("why", first("select row_id from rows where fate = 'mapped'")[:12]).output
    assert say("why", first("select response_id from responses")).exit_code == 0
    assert say("why", first("select comparison_id from comparisons")).exit_code == 0
    told = say("why", "0" * 32)
    assert (told.exit_code, "nothing in this snapshot has the id" in told.output) == (2, True)


def test_a_broken_promise_is_found_and_exits_with_1(world):
    outcome = run(world / "plan.yaml", world / "home")
    (pairs,) = (world / "home/tables/pairs").glob("*.parquet")
    pairs.write_bytes(pairs.read_bytes()[:-9] + b"x" + pairs.read_bytes()[-8:])
    told = say("audit", "--deep")
    assert outcome.snapshot.snapshot == 1
    assert told.exit_code in (1, 2)


def test_diff_says_what_became_of_pairs(world):
    run(world / "plan.yaml", world / "home")
    run(world / "plan.yaml", world / "home", "rules.0.drop=chosen_chars < 19")
    told = json.loads(say("diff", 1, 2, "--json").output)
    assert told["plan"] == ["rules"]
    assert {"dropped_by_rule"} == {change["after"] for change in told["pairs"]}


def test_sources_shows_the_adapters_and_a_mapped_record(world):
    assert "trl-preference" in say("sources").output
    told = say("sources", world / "one/a.jsonl")
    assert "is read by the adapter trl-preference" in told.output
    assert "Question 0?" in told.output


def test_a_run_under_prefect_leaves_nothing_behind_and_a_second_one_does_not_need_it(world):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    words = [str(Path(sys.executable).with_name("winnow")), "run", str(world / "plan.yaml")]
    first = subprocess.run([*words, "--json"], capture_output=True, text=True, env=environment, check=False)
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert (told["snapshot"], told["is_new"]) == (1, True)
    assert {row["fate"]: row["n"] for row in told["rows"]} == {"mapped": 24, "not_json": 1}
    assert {row["fate"]: row["n"] for row in told["pairs"]} == {
        "kept": 20,
        "merged_exact": 3,
        "dropped_by_rule short": 1,
    }
    again = subprocess.run(
        [*words], capture_output=True, text=True, env=environment | {"PYTHONPROFILEIMPORTTIME": "1"}, check=False
    )
    assert "snapshot 1 unchanged, nothing was new" in again.stdout
    assert "| prefect" not in again.stderr
    servers = [each for each in psutil.process_iter(["cmdline"]) if str(world) in " ".join(each.info["cmdline"] or [])]
    assert servers == []


def test_a_server_that_does_not_answer_is_named(tmp_path):
    (tmp_path / "plan.yaml").write_text("name: x\nsources: [{path: a.jsonl}]\n")
    (tmp_path / "a.jsonl").write_text(
        '{"prompt": "why is it so", "chosen": "because it is", "rejected": "who knows"}\n'
    )
    environment = os.environ | {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    winnow = Path(sys.executable).with_name("winnow")
    words = [winnow, "run", str(tmp_path / "plan.yaml"), "--home", str(tmp_path / "home")]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no Prefect server answers at http://127.0.0.1:9/api: start it" in done.stderr
    assert "Traceback" not in done.stderr
