"""Published text sets of many shapes in one plan: recognised by the run itself, curated, and no law broken."""

import json

import polars as pl
import pytest

import warehouse
from tests.flows.here import broken, run
from tests.tasks.ingest.published import PUBLISHED

SETS = [
    PUBLISHED[name]
    for name in (
        "nvidia/HelpSteer2 preference", "berkeley-nest/Nectar", "stanfordnlp/SHP", "openai/summarize_from_feedback comparisons",
        "PKU-Alignment/PKU-SafeRLHF", "Anthropic/hh-rlhf red-team-attempts", "lmsys/chatbot_arena_conversations",
        "lmsys/mt_bench_human_judgments", "HannahRoseKirk/prism-alignment conversations", "allenai/reward-bench-2", "BAAI/JudgeLM-100K",
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    root = tmp_path_factory.mktemp("published")
    sources = []
    for number, published in enumerate(SETS):
        folder = root / f"{number}"
        folder.mkdir()
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in published.rows)
        (folder / "rows.jsonl").write_text(text, encoding="utf-8")
        sources.append({"name": f"set-{number}", "path": f"{number}/rows.jsonl"})
    (root / "plan.yaml").write_text(json.dumps({"name": "published", "sources": sources, "split": {"train": 1.0}}))
    run(root / "plan.yaml", root / "home")
    assert broken(root / "home") == []
    return warehouse.open(root / "home")


def test_every_set_is_read_by_its_adapter_and_nothing_is_set_aside(opened):
    told = opened.sql("select adapter, rows_counted from sources order by cast(source[5:] as int)").rows()
    assert told == [(published.adapter, len(published.rows)) for published in SETS]
    assert opened.table("quarantine").collect().height == 0


def test_judged_sets_have_pairs_and_tested_ones_are_not_trained_on(opened):
    records = opened.table("records").collect()
    pairs = opened.table("pairs").collect()
    by_adapter = dict(records.select("record_id", "adapter").iter_rows())
    judged = {each.adapter for each in SETS if each.comparisons or each.rankings}
    assert {by_adapter[record] for record in pairs["record_id"]} >= judged
    tested = set(records.filter("evaluation_only")["record_id"])
    assert not tested & set(pairs.filter(pl.col("split") == "train")["record_id"])


def test_pairs_of_non_commercial_sets_may_not_be_sold(opened):
    licences = opened.sql("select distinct license, commercial_ok from pairs where license like '%NC%'").rows()
    assert licences
    assert {allowed for _, allowed in licences} == {False}
