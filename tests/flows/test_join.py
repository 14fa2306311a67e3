"""Votes in a second file, from the plan to the snapshot."""

import json

import polars as pl
import pytest

import warehouse
from flows.run.order import find_mistakes
from schemas.errors import Terminal
from tests.flows.here import broken, run
from warehouse.home import Home

PLAN = """
name: voted
sources:
  - name: answers
    path: answers/*.jsonl
    join: {path: votes.csv, on: [id, answer], into: votes}
    mapping:
      prompt: question
      responses: [one, two]
      id: id
      winner: {values: {"1": a, "2": b}}
      annotators: {each: votes, id: worker, vote: better}
split: {train: 0.5, test: 0.5}
"""
VOTES = ["0,Ada,1", "0,Alan,1", "1,Ada,2", "2,Ada,1", "2,Alan,2", "99,Ada,1", "not a vote", ",Ada,1"]


@pytest.fixture
def world(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "answers").mkdir()
    for name, numbers in (("a", range(3)), ("b", range(3, 6))):
        rows = [{"id": n, "question": f"Question {n}?", "one": f"Yes, {n}", "two": f"No, {n}"} for n in numbers]
        (tmp_path / f"answers/{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_votes(tmp_path, VOTES)
    return tmp_path


def write_votes(world, votes):
    (world / "votes.csv").write_text("\n".join(["answer,worker,better", *votes]) + "\n")


def curate(world, *overrides):
    run(world / "plan.yaml", world / "home", *overrides)
    return {
        name: warehouse.open(world / "home").table(name).collect()
        for name in ("rows", "records", "pairs", "quarantine", "sources")
    }


def test_votes_of_a_second_file_decide_pairs(world):
    tables = curate(world)
    assert broken(world / "home") == []
    pairs = tables["pairs"].sort("prompt").select("prompt", "chosen", "n_votes", "kept", "reason")
    assert pairs.filter("kept").rows() == [
        ("Question 0?", "Yes, 0", 2, True, None), ("Question 1?", "No, 1", 1, True, None),
    ]  # fmt: skip
    reasons = dict(tables["quarantine"].select("line", "reason").iter_rows())
    assert reasons == {7: "no_partner", 8: "torn_row", 9: "no_partner"}
    assert set(tables["quarantine"]["file"]) == {"votes.csv"}
    assert tables["sources"].select("files", "rows_counted").rows() == [(3, 6 + 8)]
    assert "Ada" not in tables["rows"].write_ndjson() + tables["records"].write_ndjson()


def test_a_new_vote_changes_no_id(world):
    before = curate(world)
    write_votes(world, ["5,Grace,1", *VOTES, "1,Alan,1", "1,Grace,1"])
    after = curate(world)
    assert broken(world / "home") == []
    assert set(before["records"]["record_id"]) == set(after["records"]["record_id"])
    assert set(before["pairs"]["pair_id"]) < set(after["pairs"]["pair_id"])
    assert set(before["rows"]["row_id"]) < set(after["rows"]["row_id"])
    chosen = dict(after["pairs"].filter("kept").select("prompt", "chosen").iter_rows())
    assert (chosen["Question 1?"], chosen["Question 5?"]) == ("Yes, 1", "Yes, 5")
    splits = [
        dict(each["pairs"].filter(pl.col("split").is_not_null()).select("pair_id", "split").iter_rows())
        for each in (before, after)
    ]
    assert splits[0].items() <= splits[1].items()


def test_nothing_new_is_nothing_to_do_and_other_settings_are(world):
    curate(world)
    assert not run(world / "plan.yaml", world / "home").is_new
    tables = curate(world, "sources.0.join.on=[question, answer]")
    assert set(tables["quarantine"]["reason"]) == {"no_partner", "torn_row"}
    assert tables["pairs"].is_empty()


def test_a_limit_counts_rows_of_the_main_files_only(world):
    tables = curate(world, "sources.0.limit=4")
    assert broken(world / "home") == []
    assert dict(tables["rows"].group_by(pl.col("file").str.slice(0, 7)).len().iter_rows()) == {
        "answers": 4,
        "votes.c": 8,
    }


def test_a_missing_second_file_is_a_mistake_of_the_plan(world):
    (world / "votes.csv").unlink()
    (mistake,) = find_mistakes(world / "plan.yaml", Home.at(world / "home"))
    assert (mistake.line, mistake.where) == (6, "answers")
    assert "votes.csv" in mistake.what
    with pytest.raises(Terminal, match=r"votes\.csv"):
        curate(world)


def test_an_optional_source_needs_no_second_file_without_the_first(world):
    (world / "votes.csv").unlink()
    absent = ["sources.0.optional=true", "sources.0.path=nowhere/*.jsonl"]
    assert find_mistakes(world / "plan.yaml", Home.at(world / "home"), absent) == []
    assert len(find_mistakes(world / "plan.yaml", Home.at(world / "home"), absent[1:])) == 2


@pytest.mark.parametrize(("on", "hint"), [("a b[", "is no path"), ("[id]", "on")])
def test_a_key_that_is_no_path_is_a_mistake_of_the_plan(world, on, hint):
    mistakes = find_mistakes(world / "plan.yaml", Home.at(world / "home"), [f"sources.0.join.on={on}"])
    assert mistakes
    assert hint in "".join(str(mistake) for mistake in mistakes)


def test_a_column_that_no_row_has_is_told_row_by_row(world):
    tables = curate(world, "sources.0.join.on=key")
    assert broken(world / "home") == []
    assert tables["rows"]["fate"].unique().to_list() == ["quarantined"]
    assert tables["quarantine"].filter(reason="missing_column").height == 6 + 7
