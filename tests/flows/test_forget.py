"""A takedown from end to end: gone from every file of the home, counted by the next run, and not coming back."""

import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from schemas.errors import Terminal
from tests.flows.here import broken, run
from tests.flows.test_runs import PLAN, rows, write
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home
from warehouse.takedown.takedown import preview, take_down
from warehouse.takedown.tombstones import read_tombstones, takedowns
from warehouse.takedown.wish import Wish

VOTES = """
name: world
sources:
  - path: votes.jsonl
    mapping:
      id: id
      prompt: question
      responses: [one, two]
      winner: {values: {"1": a, "2": b}}
      annotators: {each: votes, id: who, vote: pick}
  - path: single.jsonl
    mapping: {prompt: question, responses: [one, two], winner: {column: pick, values: {"1": a, "2": b}}, annotators: who}
split: {train: 0.5, test: 0.5}
"""


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WINNOW_PSEUDONYM_KEY", "planted")
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "one/a.jsonl", [*rows(range(12)), *rows([3])])
    write(tmp_path / "two.jsonl", rows(range(3, 6)))
    return tmp_path


@pytest.fixture
def crowd(tmp_path, monkeypatch):
    """Rows with votes of ann, bob and cy, and rows that one person each has judged."""
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WINNOW_PSEUDONYM_KEY", "planted")
    (tmp_path / "plan.yaml").write_text(VOTES)
    said = [{"question": f"Q{n}?", "one": f"Yes {n}", "two": f"No {n}"} for n in range(4)]
    votes = [{"who": "ann", "pick": 1}, {"who": "bob", "pick": 1}, {"who": "cy", "pick": 2}]
    write(tmp_path / "votes.jsonl", [{**row, "id": f"k{at}", "votes": votes[at:]} for at, row in enumerate(said)])
    people = ["bob", "ann", "bob"]
    write(
        tmp_path / "single.jsonl",
        [{"question": "Same?", "one": "Left", "two": "Right", "pick": 1, "who": who} for who in people],
    )
    curate(tmp_path)
    return tmp_path


def curate(world, *overrides):
    return run(world / "plan.yaml", world / "home", *overrides)


def ask(world, query, at=None):
    return warehouse.open(world / "home", at).sql(query).rows()


def say(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def forget(world, **wish):
    home = Home.at(world / "home")
    found = preview(home, Wish(**wish))
    take_down(home, found.tombstones, "asked to", "the tests")
    return found


def holding(world, text):
    """The files of the home in which `text` stands, whatever they are."""
    found = []
    for folder, _, names in os.walk(world / "home"):
        for name in names:
            place = os.path.join(folder, name)
            with open(place, "rb") as file:
                content = file.read().decode("latin1")
            if name.endswith(".parquet"):
                content += str(pq.read_table(place).to_pylist())
            if text in content:
                found.append(place)
    return found


def record_of(world, prompt, source="one"):
    return ask(world, f"select record_id from records where prompt_text = '{prompt}' and source = '{source}'")[0][0]


def test_a_record_leaves_every_file_and_does_not_come_back(world):
    curate(world)
    write(world / "one/b.jsonl", rows(range(20, 25)))
    curate(world)
    assert holding(world, "Question 3?")
    forget(world, ids=[record_of(world, "Question 3?")], copies=True)
    assert holding(world, "Question 3?") == []
    assert holding(world, "A poor one to 3") == []
    assert [each.snapshot for each in snapshots(Home.at(world / "home"))] == [1, 2]
    assert broken(world / "home") == []
    again = curate(world)
    assert (again.is_new, again.snapshot.snapshot) == (True, 3)
    assert holding(world, "Question 3?") == []
    # Both equal rows of the first source and the copy in the second are counted where they stand.
    assert ask(world, "select source, count(*) from rows where fate = 'forgotten' group by all order by 1") == [
        ("one", 2), ("two", 1),
    ]  # fmt: skip
    assert ask(world, "select count(*) from pairs where kept") == [(16,)]
    assert broken(world / "home") == []
    assert curate(world).is_new is False


def test_copies_elsewhere_stay_unless_they_are_meant(world):
    curate(world)
    found = forget(world, ids=[record_of(world, "Question 3?")])
    assert len(found.copies) == 1
    assert broken(world / "home") == []
    assert ask(world, "select source, reason from pairs where prompt = 'Question 3?'") == [("two", "merged_exact")]
    curate(world)
    assert ask(world, "select source, kept from pairs where prompt = 'Question 3?'") == [("two", True)]


def test_others_keep_their_ids_and_their_splits(world):
    curate(world)
    query = "select record_id, split from pairs where kept and prompt <> 'Question 3?' order by 1"
    before = ask(world, query)
    forget(world, ids=[record_of(world, "Question 3?")])
    curate(world)
    assert ask(world, query) == before


def test_a_row_comes_back_neither_moved_nor_in_another_file(world):
    curate(world)
    forget(world, ids=[record_of(world, "Question 7?")])
    write(world / "one/a.jsonl", rows(range(100, 103)))
    write(world / "one/z.jsonl", rows([50, 7, 51]))
    curate(world)
    assert ask(world, "select file, line from rows where fate = 'forgotten'") == [("one/z.jsonl", 2)]
    assert holding(world, "Question 7?") == []


def test_results_of_untouched_files_are_used_again(world, monkeypatch):
    monkeypatch.setattr("flows.run.order.GROUP_BYTES", 1)
    write(world / "one/b.jsonl", rows(range(300, 320)))
    curate(world)
    pairings = {path.stem for path in (world / "home/work/_judgments").iterdir()}
    forget(world, ids=[record_of(world, "Question 310?")])
    left = {path.stem for path in (world / "home/work/_judgments").iterdir()}
    assert len(pairings) == 3
    assert len(left) == 2
    assert left < pairings
    before = {path: path.stat().st_mtime_ns for path in (world / "home/work/_judgments").iterdir()}
    curate(world)
    assert before.items() <= {path: path.stat().st_mtime_ns for path in before}.items()


def test_a_person_goes_and_the_votes_of_others_come_back(crowd):
    before = ask(crowd, "select record_id from records where source = 'votes' order by 1")
    assert ask(crowd, "select count(*) from comparisons join records using (record_id) where source = 'votes'") == [
        (6,)
    ]
    told = say("forget", "--annotator", "bob", "--reason", "asked to", "--by", "the office", "--yes")
    assert told.exit_code == 0, told.output
    pseudonym = read_tombstones(Home.at(crowd / "home")).filter(kind="annotator")["digest"][0]
    assert ask(crowd, f"select count(*) from annotators where annotator_id = '{pseudonym}'") == [(0,)]
    assert ask(crowd, "select source, count(*) from records group by all order by 1") == [("single", 1), ("votes", 2)]
    assert broken(crowd / "home") == []
    curate(crowd)
    # Bob's votes are gone; those of others and the ids of their records are as they were.
    assert ask(crowd, "select record_id from records where source = 'votes' order by 1") == before
    assert ask(crowd, "select count(*) from comparisons join records using (record_id) where source = 'votes'") == [
        (4,)
    ]
    assert ask(crowd, "select source, fate, count(*) from rows group by all order by all") == [
        ("single", "forgotten", 2), ("single", "mapped", 1), ("votes", "mapped", 4),
    ]  # fmt: skip
    places = [place for place in holding(crowd, pseudonym) if "/tombstones/" not in place]
    assert places == []
    assert broken(crowd / "home") == []


def test_a_key_does_not_come_back_with_another_text(crowd):
    forget(crowd, keys=["k1"], sources=["votes"])
    changed = (crowd / "votes.jsonl").read_text().replace("Q1?", "Q1 again?")
    (crowd / "votes.jsonl").write_text(changed)
    curate(crowd)
    assert ask(crowd, "select source_key from records where source = 'votes' order by 1") == [("k0",), ("k2",), ("k3",)]
    assert holding(crowd, "Q1") == []


def test_a_row_that_could_not_be_read_is_forgotten_too(world):
    with (world / "two.jsonl").open("a") as file:
        file.write('{"prompt": "a secret and no end\n')
    curate(world)
    (row,) = ask(world, "select row_id from quarantine")[0]
    forget(world, ids=[row])
    assert holding(world, "a secret") == []
    assert broken(world / "home") == []
    curate(world)
    assert holding(world, "a secret") == []
    assert ask(world, "select fate from rows where line = 4 and source = 'two'") == [("forgotten",)]


def test_files_and_queries_name_rows(world):
    curate(world)
    forget(world, queries=["select record_id from records where prompt_text like '%1?'"], files=["two.jsonl"])
    curate(world)
    assert ask(world, "select source, count(*) from rows where fate = 'forgotten' group by all order by 1") == [
        ("one", 2), ("two", 3),
    ]  # fmt: skip


def test_nothing_is_changed_without_yes(world):
    curate(world)
    start = record_of(world, "Question 3?")
    before = {place: Path(place).read_bytes() for place in holding(world, "Question")}
    told = say("forget", start[:10])
    assert told.exit_code == 0, told.output
    assert "add --yes" in told.output
    assert "pairs that go also stand in 1 row that stay" in told.output
    assert {place: Path(place).read_bytes() for place in holding(world, "Question")} == before
    assert json.loads(say("forget", start, "--json").output)["newest"]["records"] == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "say what is to be forgotten"),
        (("--source", "one"), "its --key or --file"),
        (("abc",), "too short to delete by"),
        (("f" * 32,), "no kept snapshot has anything called"),
        (("--annotator", "nobody"), "anything of the annotator anon-"),
        (("--key", "7"), "no record of any source has the key 7"),
        (("--file", "x.jsonl"), "no kept snapshot has a row of the file x.jsonl"),
        (("--query", "select 1 as n"), "must answer with a column row_id or record_id"),
    ],
)
def test_what_means_nothing_is_told(world, words, message):
    curate(world)
    told = say("forget", *words, "--yes")
    assert told.exit_code == 2
    assert message in told.output
    assert takedowns(Home.at(world / "home")) == []


def test_a_column_of_votes_is_no_person(tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_PSEUDONYM_KEY", "planted")
    mapping = "{prompt: q, responses: [one, two], winner: {values: {'1': a, '2': b}}, annotators: [r1, r2]}"
    (tmp_path / "plan.yaml").write_text(f"name: w\nsources: [{{path: v.jsonl, mapping: {mapping}}}]\n")
    write(tmp_path / "v.jsonl", [{"q": "Q?", "one": "a", "two": "b", "r1": 1, "r2": 2}])
    curate(tmp_path)
    name = ask(tmp_path, "select annotator_id from comparisons order by 1")[0][0]
    with pytest.raises(Terminal, match="stands for a column of votes"):
        preview(Home.at(tmp_path / "home"), Wish(annotators=[name]))


def test_what_was_forgotten_is_remembered(world):
    curate(world)
    row = ask(world, "select row_id from rows where line = 1 and source = 'one'")[0][0]
    forget(world, ids=[row])
    (done,) = takedowns(Home.at(world / "home"))
    assert (done.reason, done.asked_by, done.rows["rows"]) == ("asked to", "the tests", 1)
    assert "is forgotten. The row was taken down" in say("why", row).output
    record = read_tombstones(Home.at(world / "home")).filter(kind="record")["digest"][0]
    assert f"{record} was taken down at 2" in say("why", record).output
    again = say("forget", row, "--yes")
    assert (again.exit_code, "is forgotten already" in again.output) == (0, True)
    assert len(takedowns(Home.at(world / "home"))) == 1
