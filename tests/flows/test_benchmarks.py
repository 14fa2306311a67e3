"""Benchmarks as people have them: files of any layout, in archives, and the public ones."""

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

import warehouse
from tests.flows.here import broken, run

DATA = Path(__file__).parents[2] / "../shared/data"
PLAN = """
name: clean
sources: [{name: mine, path: rows.jsonl}]
decontaminate:
  against:
    - asked.jsonl
    - {path: "exams.zip!data/*/*.csv", layout: {columns: [question, a, b]}}
split: {train: 0.5, test: 0.5}
"""
ALPACA = """
name: alpaca
sources: [{name: alpaca-eval, path: "{rows}", evaluation_only: true}]
decontaminate: {against: ["{prompts}"]}
"""


def places(home):
    opened = warehouse.open(home)
    decided = opened.table("decisions").filter(pl.col("reason") == "in_benchmark")
    pairs = opened.table("pairs").select("pair_id", "prompt")
    found = decided.join(pairs, left_on="subject_id", right_on="pair_id").select("prompt", "action", "rule", "value")
    return {prompt: (action, rule, json.loads(value)) for prompt, action, rule, value in found.collect().iter_rows()}


def test_headerless_tables_in_an_archive_are_benchmarks(tmp_path):
    asked = ["Which planet is the largest one of all?", "How many legs does a spider have, please?", "Who, me?"]
    rows = [{"prompt": prompt, "chosen": "A long answer.", "rejected": "A short one."} for prompt in asked]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "asked.jsonl").write_text(json.dumps({"question": asked[0].upper()}) + "\n")
    with zipfile.ZipFile(tmp_path / "exams.zip", "w") as archive:
        archive.writestr("data/README.txt", "Nobody's question.\n")
        archive.writestr("data/test/zoo.csv", f'What is new?,a,b\n"{asked[1]}",six,eight\n')
    (tmp_path / "plan.yaml").write_text(PLAN)
    run(tmp_path / "plan.yaml", tmp_path / "home")
    assert places(tmp_path / "home") == {
        asked[0]: ("drop", "asked", {"file": "asked.jsonl", "line": 1, "method": "equal"}),
        asked[1]: ("drop", "exams", {"file": "exams.zip!data/test/zoo.csv", "line": 2, "method": "equal"}),
    }
    assert broken(tmp_path / "home") == []


@pytest.mark.skipif(not DATA.exists(), reason=f"no real data at {DATA}")
def test_every_prompt_of_alpaca_eval_is_flagged(tmp_path):
    rows = min((DATA / "alpaca-eval").glob("*/*.json.gz"))
    plan = ALPACA.replace("{rows}", str(rows)).replace("{prompts}", str(DATA / "eval-prompts/alpaca_eval_805.json"))
    (tmp_path / "plan.yaml").write_text(plan)
    run(tmp_path / "plan.yaml", tmp_path / "home")
    found = places(tmp_path / "home")
    assert len(found) == 805
    assert {action for action, _, _ in found.values()} == {"flag"}
