"""A plan is valid, or every mistake in it is named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.plan.file import parse_plan

SMALLEST = "name: small\nsources:\n  - path: data/hh/*.jsonl.gz\n"


def mistakes(text, *overrides):
    return [str(each) for each in parse_plan(text, overrides).mistakes]


def test_the_smallest_plan_is_valid_and_names_its_source():
    plan = parse_plan(SMALLEST).plan
    assert plan.sources[0].name == "hh"
    assert plan.split.shares == {"train": 0.9, "validation": 0.05, "test": 0.05}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.jsonl", "a"),
        ("data/*.jsonl", "data"),
        ("x/y/pairs.test.json.gz", "pairs"),
        ("../../d/*/*.gz", "d"),
        ("*.jsonl", "source"),
        ("b/mmlu.zip!data/*/*.csv", "mmlu"),
    ],
)
def test_sources_are_named_by_their_place(path, name):
    assert parse_plan(f"name: n\nsources: [{{path: '{path}'}}]").plan.sources[0].name == name


def test_every_mistake_is_named_at_once():
    text = (
        "name: a b\nsources:\n  - path: x.jsonl\n    adaptor: hh\n  - {path: y.jsonl, hub: {repo: a/b}}\n"
        "rules:\n  - {name: short, drop: 'n < 1', flag: 'n < 2'}\nsplit: {train: 0.9, test: 0.2}\nextra: 1\n"
    )
    told = mistakes(text)
    assert [each.split(":")[0] for each in told] == ["line 1", "line 4", "line 5", "line 7", "line 8", "line 9"]
    assert "unknown key, did you mean 'adapter'?" in told[1]
    assert "exactly one of path and hub" in told[2]
    assert "exactly one of drop, quarantine, flag" in told[3]
    assert "add up to 1.1" in told[4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a mapping of keys"),
        ("- a\n- b", "a mapping of keys"),
        ("name: [", "line 1: not YAML"),
        ("name: a\nname: b\nsources: [{path: x}]", "line 2: name: the key is given twice"),
        ("name: a\nsources: []", "line 2: sources"),
        ("name: a\nsources: [{path: x}, {path: x}]", "two sources are called x"),
        ("name: a", "line 1: sources: this key is required"),
    ],
)
def test_mistakes(text, message):
    assert any(message in each for each in mistakes(text)), mistakes(text)


def test_on_and_no_are_texts():
    plan = parse_plan(SMALLEST + "rules:\n  - {name: no, on: judgments, drop: 'n_votes < 1'}\n").plan
    assert (plan.rules[0].name, plan.rules[0].on) == ("no", "judgments")


def test_settings_override_the_file():
    plan = parse_plan(SMALLEST, ["sources.0.path=other.jsonl", "split.salt=x", "resolve.min_margin=0.25"]).plan
    assert (plan.sources[0].path, plan.split.salt, plan.resolve.min_margin) == ("other.jsonl", "x", 0.25)
    assert "write it as key.path=value" in mistakes(SMALLEST, "nonsense")[0]
    assert "there is no 'sources.9.path'" in mistakes(SMALLEST, "sources.9.path=x")[0]
    assert mistakes(SMALLEST, "split.shares=[1]")


@given(st.text())
def test_any_text_is_a_plan_or_a_list_of_mistakes(text):
    said = parse_plan(text)
    assert (said.plan is None) == bool(said.mistakes)
