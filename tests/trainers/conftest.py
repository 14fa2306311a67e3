"""A home of conversations, single questions, ties and an empty answer, for trainers to load exports of."""

from __future__ import annotations

import pytest

import warehouse
from flows.publish.export import export
from schemas.plan.export import Export
from tests.flows.here import run
from tests.flows.test_runs import write

PLAN = """
name: talks
sources:
  - path: talks.jsonl
    license: MIT
    mapping:
      prompt: {messages: talk}
      responses: [left, right]
      winner: {column: better, values: {left: a, right: b, same: tie}}
split: {train: 0.5, validation: 0.25, test: 0.25}
"""
PAIRS = 60


def talk(n):
    """Three kinds of prompts: a question, a question under a system message, a question after an answer."""
    question = {"role": "user", "content": f"What is {n} plus one?"}
    before = [{"role": "user", "content": f"Count to {n}."}, {"role": "assistant", "content": "Done."}]
    return [[question], [{"role": "system", "content": "Be brief."}, question], [*before, question]][n % 3]


def rows():
    said = [
        {"talk": talk(n), "left": f"It is {n + 1}.", "right": f"Perhaps {n}?", "better": ("left", "right")[n % 2]}
        for n in range(PAIRS)
    ]
    odd = {"talk": [{"role": "user", "content": "Odd?"}, {"role": "user", "content": "Very?"}]}
    return [
        *said,
        {"talk": talk(300), "left": "Yes.", "right": "No.", "better": "same"},
        {"talk": talk(303), "left": "  ", "right": "No.", "better": "right"},
        {**odd, "left": "Yes.", "right": "No.", "better": "left"},
    ]


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talks")
    (folder / "plan.yaml").write_text(PLAN)
    write(folder / "talks.jsonl", rows())
    run(folder / "plan.yaml", folder / "home")
    return warehouse.open(folder / "home")


@pytest.fixture
def exported(opened, tmp_path, monkeypatch):
    """Export as asked, and return the folder."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")

    def to(target, form="preference", **asked):
        folder = tmp_path / f"{target}-{form}"
        export(opened, Export(to=target, form=form, out="x", **asked), folder)
        return folder

    return to
