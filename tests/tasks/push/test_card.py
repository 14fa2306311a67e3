"""The card, from facts that are known by heart."""

from datetime import UTC, datetime

import polars as pl
import pytest
import yaml
from huggingface_hub import DatasetCard

from schemas.plan.push import PUSHED_PAIRS, Push
from tasks.push.card import Facts, card
from tasks.push.configs import Config, SplitFiles
from tasks.push.tally import tally
from tests.tasks.push.test_tally import batch

PLAN = {"name": "world", "sources": [{"name": "one", "path": "/home/me/one.jsonl"}], "rules": []}
SOURCES = {"source": ["one"], "adapter": ["mapping"], "revision": [None], "rows_counted": [1_234]}
LOST = {"subject": pl.String, "reason": pl.String, "rule": pl.String, "n": pl.Int64}


def facts(rows=({},), **more):
    split = [SplitFiles("train", 3, 30, 300)]
    said = {
        "wanted": Push(repo="team/data"),
        "plan": PLAN,
        "snapshot": 7,
        "created_at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        "code_version": "0.1.0",
        "default": "overall",
        "configs": [Config("overall", "overall", None, PUSHED_PAIRS, split)],
        "tallies": [tally(batch(*rows))],
        "withheld": pl.DataFrame(schema={"reason": pl.String, "pairs": pl.Int64}),
        "sources": pl.DataFrame(SOURCES, schema_overrides={"revision": pl.String}),
        "contradictions": pl.DataFrame(schema={"dimension": pl.String, "settled": pl.String}),
        "lost": pl.DataFrame(schema=LOST),
        "tasks": ["t2t"],
    }
    return Facts(**{**said, **more})


def metadata(text):
    return yaml.safe_load(text.split("---\n")[1])


@pytest.mark.parametrize(
    ("licenses", "said"),
    [
        (["MIT"], {"license": "mit"}),
        (["MIT", "mit license", "CC-BY-NC-4.0"], {"license": "other", "license_name": "see-each-row"}),
        (["house rules (2)"], {"license": "other", "license_name": "house-rules-2-"}),
        ([None], {"license": "unknown"}),
        ([None, "MIT"], {"license": "other", "license_name": "see-each-row"}),
    ],
)
def test_the_metadata_never_names_one_licence_of_several(licenses, said):
    found = metadata(card(facts([{"license": name} for name in licenses])))
    assert {name: found[name] for name in found if name.startswith("license")} == said


def test_the_hub_can_read_the_metadata():
    text = card(facts([{"language": "en"}, {"language": "de"}, {"language": "Klingon"}, {}]))
    data = DatasetCard(text).data
    assert (data.license, data.language, data.size_categories) == ("mit", ["de", "en"], ["n<1K"])
    assert data.pretty_name == "world"
    assert data.to_dict()["configs"][0]["default"]


def test_agreement_and_contradictions_are_told_by_dimension():
    rows = [{"n_votes": 4, "agreement": 0.75}, {"n_votes": 2, "agreement": 1.0}, {}, {"tie": True}]
    torn = pl.DataFrame({"dimension": ["overall", "overall", "elsewhere"], "settled": ["even", "a", "b"]})
    assert "| overall | 4 | 1 | 2 | 87.5% | 2 | 1 |" in card(facts(rows, contradictions=torn))


def test_biases_are_told_by_source_and_absent_where_nothing_tells():
    text = card(facts([{}, {}, {"rejected": "a longer answer"}, {"source": "two", "tie": True}]))
    assert "| one | overall | 66.7% | 100.0% |" in text
    assert "| two | overall |  |  |" in text


def test_what_was_lost_and_what_was_withheld_is_told_with_its_sentence():
    lost = pl.DataFrame(
        [("row", "not_json", None, 2), ("pair", "dropped_by_rule", "short", 1_500), ("pair", "in_benchmark", None, 9)],
        schema=LOST,
        orient="row",
    )
    against = {"against": [{"name": "mt|bench"}, {"name": "other"}], "near": 0.8, "threshold": 0.5, "ngram": 8}
    withheld = pl.DataFrame({"reason": ["license_unknown"], "pairs": [5]})
    text = card(facts(lost=lost, plan=PLAN | {"decontaminate": against}, withheld=withheld))
    assert "1 pairs are here, of 6 that the curation kept." in text
    assert "5 were withheld as license_unknown: Nobody says" in text
    assert "| rows | not_json | 2 | The line is not valid JSON. |" in text
    assert "| pairs | dropped_by_rule `short` | 1,500 | A rule of the plan dropped the pair. |" in text
    assert "9 pairs were left out because their prompts" in text
    assert r"one of these benchmarks: mt\|bench, other." in text


def test_what_a_plan_says_is_text_and_no_markup():
    rule = {"name": "odd", "drop": "chosen = '<b>|x|</b>`'", "quarantine": None, "flag": None, "on": "pairs"}
    plan = PLAN | {"rules": [rule], "sources": [{"name": "one", "path": "a/[x](http:).jsonl"}]}
    text = card(facts(plan=plan))
    assert r"| odd | drop | pairs | chosen = '\<b\>\|x\|\</b\>\`' |" in text
    assert r"| one | \[x\](http:).jsonl |" in text
    assert "/home/me" not in card(facts())


def test_another_branch_is_named_in_the_examples():
    assert 'split="train")' in card(facts())
    assert 'split="train", revision="draft")' in card(facts(wanted=Push(repo="team/data", branch="draft")))
