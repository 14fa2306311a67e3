"""Exports of a snapshot: every usable pair once, the same bytes each time, and as the plan says after a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from flows.publish.export import export
from schemas.errors import Terminal
from schemas.plan.export import Export
from tests.flows.here import run
from tests.flows.test_runs import rows, write
from warehouse.export import pairs as reading

PLAN = """
name: world
sources:
  - path: one.jsonl
    license: MIT
    mapping:
      prompt: prompt
      responses: [left, right]
      winner: {column: better, values: {left: a, right: b, same: tie}}
  - {name: tested, path: tested.jsonl, split: test, license: CC-BY-NC-4.0}
rules:
  - {name: short, drop: "chosen_chars < 4"}
split: {train: 0.6, held.out: 0.4}
"""
GRADED = """
name: graded
sources:
  - path: graded.jsonl
    mapping:
      prompt: prompt
      responses: [left, right]
      winner:
        helpfulness: {column: better, values: {left: a, right: b}}
        safety: {column: safer, values: {left: a, right: b}}
"""


def judged(numbers, better):
    return [
        {"prompt": f"Question {n // 2}?", "left": f"Left {n} says so", "right": f"Right {n} says so", "better": better}
        for n in numbers
    ]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Pairs with a winner, ties, a short one that is dropped, an empty one, and some for evaluation only."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "plan.yaml").write_text(PLAN)
    odd = [
        {"prompt": "Short?", "left": "No", "right": "Because.", "better": "left"},
        {"prompt": "Empty?", "left": "An answer", "right": "", "better": "left"},
    ]
    said = [*judged(range(40), "left"), *judged(range(40, 70), "right"), *judged(range(70, 80), "same"), *odd]
    write(folder / "one.jsonl", said)
    write(folder / "tested.jsonl", rows(range(500, 505)))
    run(folder / "plan.yaml", folder / "home")
    return folder / "home"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The same answers, judged in two dimensions that disagree."""
    folder = tmp_path_factory.mktemp("graded")
    (folder / "plan.yaml").write_text(GRADED)
    write(folder / "graded.jsonl", [{**each, "safer": "right"} for each in judged(range(8), "left")])
    run(folder / "plan.yaml", folder / "home")
    return folder / "home"


def read(folder):
    """The rows of every file, each with its split."""
    files = sorted(folder.rglob("data/*"))
    return pl.concat(pl.read_parquet(file).with_columns(split=pl.lit(file.name.split("-00000-")[0])) for file in files)


def wrote(home, folder, to="trl", **asked):
    return export(warehouse.open(home), Export(to=to, out="x", **asked), folder)


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("batch", [7, 10_000])
@pytest.mark.parametrize("to", ["trl", "openrlhf", "llama-factory", "align-anything"])
def test_every_kept_pair_with_a_winner_is_there_once_in_its_split(home, tmp_path, monkeypatch, to, batch):
    monkeypatch.setattr(reading, "BATCH", batch)
    manifest, _ = wrote(home, tmp_path / "out", to)
    kept = warehouse.open(home).pairs().collect()
    usable = kept.filter(~pl.col("tie") & (pl.col("rejected") != "") & (pl.col("chosen") != ""))
    found = read(tmp_path / "out").select("pair_id", "split", "license").sort("pair_id")
    assert usable.height == 75
    assert found.rows() == usable.select("pair_id", "split", "license").sort("pair_id").rows()
    assert set(found.filter(license="CC-BY-NC-4.0")["split"]) == {"test"}
    assert manifest.left_out == {"no_winner": 10, "empty_side": 1}
    assert manifest.licenses == {"CC-BY-NC-4.0": 5, "MIT": 70}
    assert manifest.commercial_ok == 70 / 75
    assert sum(counts.pairs + sum(counts.left_out.values()) for counts in manifest.splits.values()) == kept.height


def test_the_winner_is_the_one_that_the_snapshot_says(home, tmp_path):
    wrote(home, tmp_path / "trl")
    wrote(home, tmp_path / "aa", "align-anything")
    truth = warehouse.open(home).pairs().select("pair_id", "prompt", "chosen", "rejected", "margin").collect()
    said = read(tmp_path / "trl").join(truth, on="pair_id", suffix="_said").to_dicts()
    assert all(row["prompt"] == [{"role": "user", "content": row["prompt_said"]}] for row in said)
    assert all(row["chosen"][0]["content"] == row["chosen_said"] for row in said)
    assert all(row["rejected"][0]["content"] == row["rejected_said"] for row in said)
    assert all(row["margin"] == row["margin_said"] for row in said)
    for row in read(tmp_path / "aa").join(truth, on="pair_id").to_dicts():
        assert row[f"response_{row['better_response_id']}"] == row["chosen"]


@pytest.mark.parametrize("batch", [7, 10_000])
def test_prompts_alone_come_once_over_all_batches(home, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(reading, "BATCH", batch)
    manifest, _ = wrote(home, tmp_path / "out", form="prompt-only")
    kept = warehouse.open(home).pairs().collect()
    prompts = [row[0]["content"] for row in read(tmp_path / "out")["prompt"]]
    assert sorted(prompts) == sorted(kept["prompt"].unique())
    assert manifest.left_out == {"repeated_prompt": kept.height - len(prompts)}


@pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
def test_the_same_snapshot_gives_the_same_bytes(home, tmp_path, file_format):
    moved = shutil.copytree(home, tmp_path / "moved")
    wrote(home, tmp_path / "one", format=file_format)
    wrote(moved, tmp_path / "other", format=file_format)
    assert content(tmp_path / "one") == content(tmp_path / "other")


def test_an_older_snapshot_is_exported_as_it_was(home, tmp_path):
    world = shutil.copytree(home.parent, tmp_path / "world")
    wrote(world / "home", tmp_path / "before")
    write(world / "tested.jsonl", rows(range(500, 510)))
    assert run(world / "plan.yaml", world / "home").is_new
    told = say("export", "--to", "trl", "--out", tmp_path / "at-1", "--at", "1", "--home", world / "home")
    assert told.exit_code == 0, told.output
    assert content(tmp_path / "at-1") == content(tmp_path / "before")
    manifest, is_new = wrote(world / "home", tmp_path / "before")
    assert (manifest.snapshot, manifest.splits["test"].pairs, is_new) == (2, 10, True)


def test_some_splits_only(home, tmp_path):
    manifest, _ = wrote(home, tmp_path / "out", splits=["test"])
    assert [path.name for path in (tmp_path / "out/data").iterdir()] == ["test-00000-of-00001.parquet"]
    assert manifest.splits.keys() == {"test"}
    manifest, is_new = wrote(home, tmp_path / "out", splits=["test", "train"])
    assert (manifest.splits.keys(), is_new) == ({"test", "train"}, True)


def test_several_dimensions_are_not_mixed_unless_it_is_said(graded, tmp_path):
    message = r"several dimensions.*helpfulness \(8 pairs\), safety \(8 pairs\); name one"
    with pytest.raises(Terminal, match=message):
        wrote(graded, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    wrote(graded, tmp_path / "one", dimension="safety")
    assert set(read(tmp_path / "one")["dimension"]) == {"safety"}
    assert {row[0]["content"][:5] for row in read(tmp_path / "one")["chosen"]} == {"Right"}
    wrote(graded, tmp_path / "all", dimension="*")
    assert sorted(read(tmp_path / "all")["dimension"]) == ["helpfulness"] * 8 + ["safety"] * 8
    wrote(graded, tmp_path / "prompts", form="prompt-only")
    assert read(tmp_path / "prompts").height == 4


def say(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--to", "trl", "--split", "trian"], "keeps no pair of split trian; there are held.out, test, train"),
        (["--to", "trl", "--dimension", "x"], "keeps no pair of dimension x; there are overall"),
        (
            ["--to", "axolotl"],
            "--to: input should be 'trl', 'align-anything', 'safesora', 'llama-factory' or 'openrlhf'",
        ),
        (["--to", "openrlhf", "--form", "unpaired"], "openrlhf cannot load the form unpaired: it takes preference"),
        (["--to", "trl", "--format", "csv"], "--format: input should be 'parquet' or 'jsonl', not 'csv'"),
        (["--to", "trl", "--at", "9"], "never had a snapshot 9"),
    ],
)
def test_wrong_words_are_told(home, tmp_path, asked, message):
    told = say("export", *asked, "--out", tmp_path / "out", "--home", home)
    assert (told.exit_code, message in told.output) == (2, True), told.output
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_is_in_it_and_what_is_not(home, tmp_path):
    told = say("export", "--to", "trl", "--out", tmp_path / "out", "--home", home, "--split", "test")
    assert told.output.splitlines() == [
        f"trl preference of snapshot 1 in {tmp_path / 'out'}",
        "rows      test 5",
        "licences  CC-BY-NC-4.0 5; 0% may be used commercially",
    ]
    again = say("export", "--to", "trl", "--out", tmp_path / "out", "--home", home, "--split", "test")
    assert again.output.splitlines()[0].endswith(", unchanged")


def test_pairs_that_no_trainer_can_use_are_told_and_nothing_is_written(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "one.jsonl", judged(range(3), "same"))
    write(tmp_path / "tested.jsonl", [{"prompt": "Q?", "chosen": "Yes, indeed", "rejected": ""}])
    run(tmp_path / "plan.yaml", tmp_path / "home")
    with pytest.raises(Terminal, match=r"trl can use none: 1 empty_side: One .* 3 no_winner: The pair is a tie"):
        wrote(tmp_path / "home", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_split_that_datasets_cannot_name_is_refused(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN.replace("held.out", "held-out"))
    write(tmp_path / "one.jsonl", judged(range(30), "left"))
    write(tmp_path / "tested.jsonl", rows(range(1)))
    run(tmp_path / "plan.yaml", tmp_path / "home")
    with pytest.raises(Terminal, match="cannot load a split called 'held-out'"):
        wrote(tmp_path / "home", tmp_path / "out")


@pytest.fixture
def planned(tmp_path):
    exports = """
export:
  - {to: trl, out: out/trl}
  - {to: llama-factory, out: out/llama, splits: [train], format: jsonl}
"""
    (tmp_path / "plan.yaml").write_text(PLAN + exports)
    write(tmp_path / "one.jsonl", judged(range(40), "left"))
    write(tmp_path / "tested.jsonl", rows(range(500, 505)))
    return tmp_path


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_plan_exports_after_each_run_and_only_what_is_new(planned):
    plan, home, out = planned / "plan.yaml", planned / "home", planned / "out"
    run(plan, home)
    assert sorted(path.name for path in out.iterdir()) == ["llama", "trl"]
    assert json.loads((out / "trl/export.json").read_text())["snapshot"] == 1
    before = times(out)
    run(plan, home)
    assert times(out) == before
    (out / "llama/data/train-00000-of-00001.jsonl").unlink()
    run(plan, home)
    assert (out / "llama/data/train-00000-of-00001.jsonl").exists()
    write(planned / "tested.jsonl", rows(range(500, 507)))
    run(plan, home)
    assert {json.loads((out / name / "export.json").read_text())["snapshot"] for name in ("trl", "llama")} == {2}
    assert [path.name for path in planned.iterdir() if path.name.startswith(".out")] == []


def test_another_export_makes_no_other_snapshot(planned):
    run(planned / "plan.yaml", planned / "home")
    outcome = run(planned / "plan.yaml", planned / "home", "export.0.form=unpaired")
    assert (outcome.snapshot.snapshot, outcome.is_new) == (1, False)
    assert "label" in read(planned / "out/trl").columns


def test_a_taken_folder_is_told_before_the_run(planned):
    (planned / "out/trl").mkdir(parents=True)
    (planned / "out/trl/notes.txt").write_text("mine")
    with pytest.raises(Terminal, match=r"holds other things than an export \(notes.txt\)"):
        run(planned / "plan.yaml", planned / "home")
    told = say("check", planned / "plan.yaml", "--home", planned / "home")
    assert f"line {PLAN.count(chr(10)) + 3}: export.0.out: " in told.output
    assert not any((planned / "home").glob("tables/pairs/*.parquet"))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("export.0.form=unpaired-ish", "export.0.form: input should be 'preference'"),
        ("export.1.form=implicit", "export.1: llama-factory cannot load the form implicit"),
        ("export.1.out=out/trl", "export: two exports go to out/trl"),
        ("export.0.splits=[trian]", "an export asks for the split trian; there are held.out, test, train"),
    ],
)
def test_mistakes_in_the_plan_are_told(planned, setting, message):
    told = say("check", planned / "plan.yaml", "--set", setting, "--home", planned / "home")
    assert (told.exit_code, message in told.output) == (2, True), told.output


def test_a_run_says_what_it_exported(planned, monkeypatch):
    def without_prefect(plan, home, overrides):
        outcome = run(plan, home, *overrides)
        return outcome.snapshot, outcome.is_new

    monkeypatch.setattr("flows.verbs.running.bring_up_to_date", without_prefect)
    monkeypatch.chdir(planned)
    told = say("run", "plan.yaml", "--home", "home")
    assert "trl preference of snapshot 1 in out/trl" in told.output
    told = json.loads(say("run", "plan.yaml", "--home", "home", "--json").output)
    assert [each["target"] for each in told["exports"]] == ["trl", "llama-factory"]
    assert Path("out/llama/dataset_info.json").exists()
