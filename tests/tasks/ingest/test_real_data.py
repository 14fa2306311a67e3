"""Real sources: recognised, nothing lost, and the numbers that their readmes state."""

import gzip
import json

import pytest

from tasks.ingest.parse.tree import tree_rows
from tests.tasks.ingest.shards import assert_nothing_is_lost, facts_of, real_data, recognised


def lines_or_list(place):
    text = gzip.decompress(place.read_bytes()).decode()
    return json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines()]


def checked(docs, file):
    ingest = recognised(docs)
    facts = facts_of(ingest, docs, file=file)
    assert facts["quarantine"].height == 0
    assert_nothing_is_lost(ingest, facts, docs)
    return facts


def outcomes(facts):
    return dict(facts["comparisons"]["outcome"].value_counts().iter_rows())


def test_hh_rlhf():
    place = real_data("hh-rlhf-harmless-test/test.jsonl.gz")
    facts = checked(lines_or_list(place)[:600], "harmless-base/test.jsonl.gz")
    assert facts["records"]["adapter"].unique().to_list() == ["hh-rlhf"]
    assert facts["responses"].height == 1200
    assert facts["records"]["extras"].null_count() > 590


@pytest.mark.parametrize(("file", "wanted"), [("webgpt.test.json.gz", {"a": 348, "b": 308, "tie": 245})])
def test_dsp(file, wanted):
    assert outcomes(checked(lines_or_list(real_data("dsp-helpful-webgpt") / file), file)) == wanted


@pytest.mark.parametrize(
    ("file", "invalid"),
    [
        ("alpaca_eval_gpt4/minichat-3b.json.gz", 1),
        ("weighted_alpaca_eval_gpt4_turbo/FuseChat-Gemma-2-9B-Instruct.json.gz", 0),
    ],
)
def test_alpaca_eval(file, invalid):
    facts = checked(lines_or_list(real_data("alpaca-eval") / file), file)
    assert facts["records"].height == 805
    assert outcomes(facts).get("invalid", 0) == invalid
    assert facts["comparisons"]["strength"].is_between(-1, 1).all()


def test_oasst_trees():
    docs = lines_or_list(real_data("oasst-en100-trees/en_100_tree.jsonl.gz"))
    facts = checked(docs, "trees")
    assert facts["records"]["row_ids"].explode().n_unique() == 100
    ranks = facts["rankings"].group_by("record_id").len()["len"]
    assert (ranks * (ranks - 1) // 2).sum() == 754
    assert facts["records"]["conversation_id"].n_unique() == 100


def test_ukp_debates():
    place = real_data("ukp-convarg1-full/is-porn-wrong-_yes-porn-is-wrong.xml.gz")
    xml = gzip.decompress(place.read_bytes())
    docs = [doc for rows in tree_rows(xml) for doc in rows.docs]
    facts = checked(docs, place.name)
    assert facts["comparisons"].height == xml.count(b"<mTurkAssignment>")
    assert facts["records"].height == xml.count(b"<annotatedArgumentPair>")
    workers = {vote["turkID"] for doc in docs for vote in doc["mTurkAssignments"]["mTurkAssignment"]}
    assert facts["annotators"].height == len(workers)
    assert not any(worker in text for text in facts["rows"]["raw_json"][:50] for worker in workers)
