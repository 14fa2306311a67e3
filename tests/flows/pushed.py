"""A small world to push: two dimensions, ties, licences by row, and data for evaluation only."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
from typer.testing import CliRunner

from flows.cli import app
from tests.flows.here import run
from tests.flows.test_runs import write
from tests.loopback.hub import Hub

REPO = "team/data"
PLAN = """
name: world
sources:
  - path: graded.jsonl
    mapping:
      prompt: prompt
      system: rules
      responses: [{text: left, generator_name: small}, {text: right, generator: by}]
      annotators: who
      winner:
        helpfulness: {column: better, values: {left: a, right: b, same: tie}}
        "a fine tone": {column: tone, values: {left: a, right: b}}
      license: terms
  - {name: tested, path: tested.jsonl, split: test, license: CC-BY-NC-4.0, dimension: helpfulness}
rules:
  - {name: short, drop: "chosen_chars < 4"}
split: {train: 0.7, validation: 0.3}
push: {repo: team/data}
"""


def graded(n, **more):
    row = {"prompt": f"Question {n}?", "left": f"Left {n} says so", "right": f"Right {n} says so", "by": "big"}
    better = "same" if n % 10 == 9 else "left"
    return row | {"better": better, "tone": "right", "who": f"Person {n % 3}", "rules": None, "terms": "MIT"} | more


def world(folder: Path, rows) -> Path:
    (folder / "plan.yaml").write_text(PLAN)
    write(folder / "graded.jsonl", rows)
    tested = [{"prompt": f"Test {n}?", "chosen": "Yes, indeed", "rejected": f"No {n}"} for n in range(4)]
    write(folder / "tested.jsonl", tested)
    run(folder / "plan.yaml", folder / "home")
    return folder / "home"


ROWS = [*[graded(n) for n in range(40)], graded(40, left="No", right="So."), graded(41, rules="Be short.")]


def say(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def files_of(hub: Hub, branch="main"):
    return {name: data for name, data in hub.repos[REPO].at(branch)[1].items() if name != ".gitattributes"}


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(files, config):
    """The rows of a configuration, each with its split."""
    found = [name for name in sorted(files) if name.startswith(f"data/{config}/")]
    split = re.compile(r"/([^/]+)-\d{5}-of-\d{5}\.parquet$")
    return pl.concat(
        pl.read_parquet(files[name]).with_columns(pushed_split=pl.lit(split.search(name)[1])) for name in found
    )
