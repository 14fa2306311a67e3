"""`plans/text.yaml` over the real sets that it names: every source is read by its adapter, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from flows.run.order import _ingest_steps, valid_plan
from flows.shards import batches
from tasks.ingest.restore import restore
from tasks.ingest.rows.pseudonym import Pseudonym, name_ways, replace_names
from warehouse.home import Home
from warehouse.intake import count_rows
from warehouse.store import Store

PLANS = Path(__file__).parents[2] / "plans"
PLAN = valid_plan(PLANS / "text.yaml")

# Rows of all files (0: too many to count here), adapter, and how many rows are read here with what they give.
SETS = {
    "hh-rlhf": (2312, "hh-rlhf", 300, {"comparisons": 300}),
    "dsp-helpful": (2352, "dsp", 300, {"comparisons": 300}),
    "dsp-webgpt": (901, "dsp", None, {"comparisons": 901}),
    "ukp": (0, "ukp-convarg1", 60, {"records": 60}),
    "alpaca-eval": (0, "alpaca-eval", 300, {"comparisons": 300}),
    "oasst": (100, "oasst-trees", None, {}),
    "oasst-zh": (775, "ranked-outputs", None, {"rankings": 1993, "records": 775}),
    "llmbar": (1200, "llmbar", None, {"comparisons": 1200}),
    "fine-grained-rlhf": (500, "fine-grained-rlhf", None, {"comparisons": 3000, "labels": 2215, "feedback": 1283}),
    "tulu-human-eval": (996, "tulu-human-eval", None, {"comparisons": 1150, "labels": 2300, "rows": 2146}),
    "gppl-humour": (113638, "gppl-pairs", 400, {"comparisons": 400, "rows": 4430}),
    "llama-factory-dpo": (600, "sharegpt-preference", None, {"comparisons": 600}),
    "llama-factory-messages": (10, "llama-factory-messages", None, {"comparisons": 10}),
    "llama-factory-kto": (300, "llama-factory-kto", None, {"labels": 300}),
    "mt-bench": (75, "mt-bench-pair", None, {"comparisons": 150, "feedback": 25}),
    "mt-bench-grades": (160, "mt-bench-single", None, {"ratings": 160}),
    "squality": (20, "squality", None, {"records": 100, "ratings": 2700, "rankings": 2700, "annotators": 4}),
    "cut": (5000, "cut", 1000, {"labels": 1000}),
    "shepherd": (1317, "shepherd", None, {"feedback": 1317}),
    "shepherd-raw": (1317, "shepherd-raw", None, {"ratings": 2634, "feedback": 3024}),
    "wmt-mqm": (18350, "wmt-mqm", 2000, {"labels": 2000}),
    "xsum-factuality": (5597, "xsum-factuality", None, {"records": 498, "ratings": 5564}),
    "xsum-hallucination": (11185, "xsum-hallucination", None, {"records": 500, "labels": 10397, "feedback": 10404}),
}


def test_the_plan_names_these_sets():
    assert [source.name for source in PLAN.sources] == list(SETS)


@pytest.mark.parametrize("name", SETS)
def test_real_rows_are_mapped_and_can_be_rebuilt(name, tmp_path):
    rows, adapter, limit, wanted = SETS[name]
    source = next(source for source in PLAN.sources if source.name == name)
    pattern = source.path or ""
    if not any(PLANS.glob(pattern)):
        pytest.skip(f"needs the real data set at {pattern}, which is not part of the repository")
    home = Home.at(tmp_path)
    whole, *more = _ingest_steps(source, PLANS, home, "")
    assert whole.ingest.adapter == adapter
    if rows:
        assert sum(count_rows(shard) for step in (whole, *more) for shard in step.shards) == rows
    step, *_ = _ingest_steps(source.model_copy(update={"limit": limit}), PLANS, home, "") if limit else [whole]
    facts = step._ingest(Store(home))
    facts["annotators"] = facts["_annotators"]
    assert facts["quarantine"].filter(pl.col("reason") != "no_partner").height == 0
    assert {table: facts[table].height for table in wanted} == wanted
    assert_rebuilt(step, facts, Pseudonym(home.pseudonym_key()))


def assert_rebuilt(step, facts, pseudonym):
    """Rebuild the rows of the main files without their raw text."""
    docs = [doc for _, rows in batches(step.shards, step.limit) for doc in rows.docs]
    ways = name_ways(step.ingest.mapping)
    nameless = replace_names(ways, docs, [""] * len(docs), pseudonym).docs
    withheld = facts | {"rows": facts["rows"].with_columns(raw_json=pl.lit(None, pl.String))}
    assert restore(step.ingest, withheld)[: len(docs)] == nameless


def test_people_of_the_sheet_have_pseudonyms(tmp_path):
    source = next(source for source in PLAN.sources if source.name == "tulu-human-eval")
    if not any(PLANS.glob(source.path or "")):
        pytest.skip("needs the real data set tulu1-human-eval, which is not part of the repository")
    home = Home.at(tmp_path)
    (step,) = _ingest_steps(source, PLANS, home, "")
    names = {doc["evaluator"] for _, rows in batches(step.partners) for doc in rows.docs}
    facts = step._ingest(Store(home))
    pseudonym = Pseudonym(home.pseudonym_key())
    assert len(names) == 16
    assert set(facts["_annotators"]["annotator_id"]) == {pseudonym(name) for name in names}
    raw = facts["rows"]["raw_json"]
    assert not any(f'"evaluator":"{name}"' in text for name in names for text in raw)
