"""What a run promises: reruns change nothing, new rows move no old ones, sources come and go, and bad input is told."""

import hashlib
import json
import os
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

import warehouse
from schemas.errors import BrokenPromise, Terminal
from tests.flows.here import broken, run
from tests.tasks.ingest.samples import flat
from warehouse.delta.snapshots import head, snapshots
from warehouse.home import Home

PLAN = """
name: world
sources:
  - {name: one, path: one/*.jsonl}
  - {name: two, path: two.jsonl, optional: true}
rules:
  - {name: short, drop: "chosen_chars < 4"}
split: {train: 0.5, test: 0.5}
"""


def rows(numbers, **more):
    return [
        {"prompt": f"Question {n}?", "chosen": f"A good answer to {n}", "rejected": f"A poor one to {n}", **more}
        for n in numbers
    ]


def write(path: Path, said):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in said))


@pytest.fixture
def world(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "one/a.jsonl", rows(range(60)))
    return tmp_path


def curate(world, *overrides):
    return run(world / "plan.yaml", world / "home", *overrides)


def pairs(world, at=None):
    return warehouse.open(world / "home", at).table("pairs").collect().sort("pair_id")


def fingerprint(world):
    """Digest every file under tables/ and media/ by name and content."""
    found = sorted(
        path for folder in ("tables", "media") for path in (world / "home" / folder).rglob("*") if path.is_file()
    )
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def logical(world):
    """Everything but names of files and times: each table as a digest over its sorted rows."""
    opened = warehouse.open(world / "home")
    said = {}
    for name in (
        "rows",
        "records",
        "responses",
        "comparisons",
        "pairs",
        "clusters",
        "contradictions",
        "decisions",
        "splits",
        "metrics",
        "quarantine",
    ):
        frame = opened.table(name).collect()
        said[name] = sorted(str(row) for row in frame.select(sorted(frame.columns)).iter_rows())
    return said


def test_a_second_run_changes_no_file(world):
    assert curate(world).is_new
    before = fingerprint(world)
    again = curate(world)
    assert (again.is_new, again.snapshot.snapshot) == (False, 1)
    assert fingerprint(world) == before


def test_new_rows_make_a_snapshot_and_move_no_old_row(world):
    curate(world)
    write(world / "one/b.jsonl", rows(range(55, 75)))
    assert curate(world).snapshot.snapshot == 2
    # A copy may carry the pair from now on, but the pair stays where it is.
    old, new = (dict(pairs(world, at).filter("kept").select("pair_key", "split").iter_rows()) for at in (1, None))
    assert old == {key: new[key] for key in old}
    assert len(new) == 75
    assert broken(world / "home") == []


def test_a_source_taken_out_of_the_plan_leaves_the_next_snapshot(world):
    write(world / "two.jsonl", rows(range(100, 110)))
    curate(world)
    assert set(pairs(world)["source"]) == {"one", "two"}
    (world / "two.jsonl").unlink()
    curate(world)
    assert set(pairs(world)["source"]) == {"one"}
    assert set(pairs(world, at=1)["source"]) == {"one", "two"}


def test_how_a_source_is_cut_into_files_does_not_matter(tmp_path):
    again = [*rows(range(30)), *rows(range(5)), *rows(range(5))]
    worlds = []
    for name, cuts in (("whole", [0, 40]), ("cut", [0, 7, 31, 40])):
        world = tmp_path / name
        world.mkdir()
        (world / "plan.yaml").write_text(PLAN)
        for at, (start, end) in enumerate(pairwise(cuts)):
            write(world / f"one/{at}.jsonl", again[start:end])
        curate(world)
        worlds.append({name: list(table) for name, table in logical(world).items() if name not in ("rows",)})
    assert worlds[0] == worlds[1]


def test_the_same_file_twice_is_two_sets_of_rows_and_one_of_pairs(world):
    write(world / "one/copy.jsonl", rows(range(60)))
    curate(world)
    counted = dict(pairs(world).group_by(pl.col("reason").fill_null("kept")).len().iter_rows())
    assert counted == {"kept": 60, "merged_exact": 60}
    assert pairs(world).filter("kept")["n_votes"].unique().to_list() == [2]
    assert broken(world / "home") == []


def test_another_dataset_is_refused(world):
    curate(world)
    with pytest.raises(Terminal, match="this home holds the dataset 'world', but the plan is called 'other'"):
        curate(world, "name=other")


def test_old_snapshots_expire(world):
    for number in range(4):
        write(world / f"one/n{number}.jsonl", rows(range(100 + number, 101 + number)))
        curate(world, "keep_snapshots=2")
    assert [each.snapshot for each in snapshots(Home.at(world / "home"))] == [3, 4]


def test_a_failed_run_publishes_nothing_and_is_recorded(world):
    curate(world)
    write(world / "one/b.jsonl", [{"unknown": 1}])
    (world / "one/a.jsonl").unlink()
    with pytest.raises(Terminal, match="one"):
        curate(world)
    assert head(Home.at(world / "home")).snapshot == 1


def test_an_upstream_test_split_is_for_evaluation_only(world):
    write(world / "two.jsonl", rows(range(50, 60)))
    curate(world, "sources.1.split=test")
    by_source = {source: frame for (source,), frame in pairs(world).group_by("source")}
    assert by_source["two"]["kept"].all()
    assert by_source["two"]["split"].unique().to_list() == ["test"]
    assert by_source["one"].filter(reason="contaminated").height == 10
    assert broken(world / "home") == []


def test_messages_of_trees_need_a_join_of_the_file_with_itself(world):
    write(world / "two.jsonl", [flat(1, None), flat(2, 1, "assistant", 0), flat(3, 1, "assistant", 1)])
    with pytest.raises(Terminal, match=r"say `join: \{path: two.jsonl, on: message_tree_id\}`"):
        curate(world)
    curate(world, "sources.1.join.path=two.jsonl", "sources.1.join.on=message_tree_id")
    (pair,) = pairs(world).filter(source="two").to_dicts()
    assert (pair["chosen"][:9], pair["rejected"][:9]) == ("Message 2", "Message 3")
    assert broken(world / "home") == []


def test_nobody_trains_on_a_benchmark_unless_the_plan_says_so(world):
    write(world / "two.jsonl", rows(range(50, 70), subset="chat-easy"))
    curate(world)
    by_source = {source: frame for (source,), frame in pairs(world).group_by("source")}
    assert by_source["two"]["split"].unique().to_list() == ["test"]
    assert by_source["one"].filter(reason="contaminated").height == 10
    assert warehouse.open(world / "home").sql("select adapter, evaluation_only from sources order by 1").rows() == [
        ("reward-bench", True), ("trl-preference", False),
    ]  # fmt: skip
    curate(world, "sources.1.evaluation_only=false")
    assert set(pairs(world)["reason"].drop_nulls()) == {"merged_exact"}


@pytest.mark.parametrize(
    ("guard", "message"),
    [
        (
            "guards.max_drop_per_source=0.1",
            "source two loses 5 of 10 pairs, more than the share of 0.1 that guards.max_drop_per_source allows: "
            "5 dropped_by_rule short\n  correct the source",
        ),
        ("guards.min_kept=66", "65 pairs are kept, fewer than the 66 of guards.min_kept: 5 dropped_by_rule short"),
    ],
)
def test_guards_keep_a_run_from_being_published(world, guard, message):
    short = [{"prompt": f"Short {n}?", "chosen": "No", "rejected": "Nonsense"} for n in range(5)]
    write(world / "two.jsonl", [*short, *rows(range(100, 105))])
    with pytest.raises(BrokenPromise, match=message):
        curate(world, guard)
    assert head(Home.at(world / "home")) is None
    assert curate(world, "guards.min_kept=65", "guards.max_drop_per_source=0.5").is_new


def test_a_source_of_which_nothing_could_be_read_breaks_a_guard(world):
    (world / "two.jsonl").write_text('{"prompt": 1}\n\nnonsense\n')
    mapping = "sources.1.mapping={prompt: prompt, responses: [chosen, rejected], winner: {always: a}}"
    with pytest.raises(
        BrokenPromise, match=r"source two: none of its 2 rows could be mapped.*1 missing_column, 1 not_json"
    ):
        curate(world, mapping, "guards.max_drop_per_source=0.9")
    assert curate(world, mapping, "guards.max_drop_per_source=1").is_new


@pytest.mark.parametrize("days", ["1 day", "30 days"])
def test_snapshots_may_be_kept_for_days(world, days):
    for number in range(3):
        write(world / f"one/n{number}.jsonl", rows(range(100 + number, 101 + number)))
        curate(world, f"keep_snapshots={days}")
    assert [each.snapshot for each in snapshots(Home.at(world / "home"))] == [1, 2, 3]


@pytest.mark.parametrize("wrong", ["soon", "30", "0 days", "[1]", "0"])
def test_a_wrong_number_of_snapshots_is_told(world, wrong):
    said = f"keep_snapshots={wrong!r}" if wrong == "30" else f"keep_snapshots={wrong}"
    with pytest.raises(Terminal, match="keep_snapshots"):
        curate(world, said)


def test_a_run_deletes_what_nobody_needs_any_more(world, monkeypatch):
    monkeypatch.setattr("flows.run.order.GROUP_BYTES", 1)
    curate(world, "rules.0.drop=chosen_chars < 5", "keep_snapshots=1")
    for drop in ("chosen_chars < 6", "chosen_chars < 7"):
        for receipt in (world / "home/work/receipts").iterdir():
            os.utime(receipt, (0, 0))
        curate(world, f"rules.0.drop={drop}", "keep_snapshots=1")
    assert len(list((world / "home/work/_judged").iterdir())) == 2, "of the last snapshot and the one before"
    # What the next run asks for is all there: the rows are read only once.
    write(world / "one/b.jsonl", rows(range(200, 210)))
    before = {path: path.stat().st_mtime_ns for path in (world / "home/work/_digests").iterdir()}
    curate(world, "rules.0.drop=chosen_chars < 7", "keep_snapshots=1")
    assert len(before) == 1
    assert broken(world / "home") == []
    assert before.items() <= {path: path.stat().st_mtime_ns for path in before}.items()


def test_a_plan_whose_optional_sources_are_all_absent_is_told(world):
    (world / "one/a.jsonl").unlink()
    with pytest.raises(Terminal, match="there is nothing to curate"):
        curate(world, "sources.0.optional=true")


def test_a_file_without_a_row_is_a_snapshot_without_pairs(world):
    (world / "one/a.jsonl").write_text("\n")
    mapping = "{prompt: prompt, responses: [chosen, rejected], winner: {always: a}}"
    assert curate(world, f"sources.0.mapping={mapping}").is_new
    assert pairs(world).is_empty()
    assert warehouse.open(world / "home").sql("select fate, count(*) as n from rows group by all").rows() == [
        ("blank", 1)
    ]
    assert broken(world / "home") == []


def test_rows_that_are_all_bad_are_told_apart_from_the_good_ones(world):
    (world / "one/a.jsonl").write_bytes(b'{"prompt": 1}\nnonsense\n{"prompt": "p", "chosen": "c"}\n')
    mapping = "{prompt: prompt, responses: [chosen, rejected], winner: {always: a}}"
    curate(world, f"sources.0.mapping={mapping}")
    found = warehouse.open(world / "home").sql("select line, reason from quarantine order by line").rows()
    assert [line for line, _ in found] == [1, 2, 3]
    assert broken(world / "home") == []
