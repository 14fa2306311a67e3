"""`plans/media.yaml` over the real sets that it names: every source is read by its adapter, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.media.places import places_of
from flows.run.order import _ingest_steps, valid_plan
from tasks.ingest.rows.pseudonym import Pseudonym
from tests.flows.test_text_sets import assert_rebuilt
from warehouse.home import Home
from warehouse.intake import count_rows
from warehouse.store import Store

PLANS = Path(__file__).parents[4] / "plans"
PLAN = valid_plan(PLANS / "media.yaml")

# Rows of all files, adapter, how many rows are read here (0: all), and what they give.
SETS = {
    "genai-bench-images": (1735, "genai-bench-judged", 0, {"records": 1735, "comparisons": 3459, "attachments": 3470}),
    "genai-bench-edits": (919, "genai-bench-judged", 0, {"records": 919, "comparisons": 1838}),
    "genai-bench-videos": (1069, "genai-bench-judged", 0, {"records": 1069, "comparisons": 2138}),
    "imagereward": (466, "imagereward-ranking", 0, {"records": 466}),
    "imagereward-prompts": (100, "mapping", 0, {"records": 100, "responses": 0}),
    "tifa": (800, "tifa", 0, {"records": 160, "responses": 800, "ratings": 1600}),
    "agiqa": (2982, "agiqa", 0, {"responses": 2982, "ratings": 5964}),
    "imagenhub-control": (450, "imagen-hub", 0, {"annotators": 3}),
    "imagenhub-mask": (537, "imagen-hub", 0, {"annotators": 3}),
    "imagenhub-subjects": (306, "imagen-hub", 0, {"annotators": 3}),
    "imagenhub-subject-edits": (462, "imagen-hub", 0, {"annotators": 3}),
    "imagenhub-subject": (450, "imagen-hub", 0, {"annotators": 3}),
    "imagenhub-edits": (537, "imagen-hub", 0, {"annotators": 3}),
    "imagenhub-text": (591, "imagen-hub", 0, {"annotators": 3}),
    "intermt": (500, "intermt", 0, {"records": 500, "ratings": 500}),
    "mushra": (144, "mushra", 0, {"records": 16, "responses": 144}),
    "audiobox": (3950, "audiobox-aesthetics", 300, {"records": 300}),
    "audiobox-generated": (3060, "audiobox-aesthetics", 300, {"records": 300, "ratings": 12000}),
    "audiobox-means": (2950, "audiobox-aesthetics", 250, {"records": 250, "ratings": 1000}),
    "audible-noise": (9438, "perceptual-audio-jnd", 400, {"labels": 800, "attachments": 800}),
    "audible-changes": (11360, "perceptual-audio-jnd", 400, {"labels": 400, "attachments": 800}),
    "llama-factory-media": (6, "mapping", 0, {"records": 6, "responses": 6}),
}


def source_of(name):
    source = next(source for source in PLAN.sources if source.name == name)
    if not any(PLANS.glob(source.path or "")):
        pytest.skip(f"needs the real data set at {source.path}, which is not part of the repository")
    return source


def test_the_plan_names_these_sets():
    assert [source.name for source in PLAN.sources] == list(SETS)


@pytest.mark.parametrize("name", SETS)
def test_real_rows_are_mapped_and_can_be_rebuilt(name, tmp_path):
    rows, adapter, limit, wanted = SETS[name]
    source, home = source_of(name), Home.at(tmp_path)
    steps = _ingest_steps(source, PLANS, home, "")
    assert {step.ingest.adapter for step in steps} == {adapter}
    assert sum(count_rows(shard) for step in steps for shard in step.shards) == rows
    step, *_ = _ingest_steps(source.model_copy(update={"limit": limit}), PLANS, home, "") if limit else steps
    facts = step._ingest(Store(home))
    facts["annotators"] = facts["_annotators"]
    assert facts["quarantine"].rows() == []
    assert {table: facts[table].height for table in wanted} == wanted
    assert_rebuilt(step, facts, Pseudonym(home.pseudonym_key()))


def test_real_sounds_are_found_below_their_root(tmp_path):
    source = source_of("mushra")
    places = places_of(source, PLAN, PLANS, Home.at(tmp_path))
    (step,) = _ingest_steps(source, PLANS, Home.at(tmp_path), "")
    references = set(step._ingest(Store(Home.at(tmp_path)))["attachments"]["reference"])
    assert places is not None
    lying = {
        path.relative_to(places.roots[0].places[0]).as_posix() for path in places.roots[0].places[0].rglob("*.wav")
    }
    assert len(lying & references) == 24
    assert len(references) == 144
