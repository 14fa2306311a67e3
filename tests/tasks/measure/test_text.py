"""Measures of one text, and the metrics made of them."""

import polars as pl
import pytest

from tasks.measure.text.lengths import chars, lines, words
from tests.tasks.small_world import curate, plan, record


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 0, 0)),
        ("One, two.", (9, 2, 1)),
        ("été 2024\n\nfin", (13, 3, 3)),
        ("日本", (2, 1, 1)),
        (" \n", (2, 0, 2)),
    ],
)
def test_measures(text, expected):
    frame = pl.DataFrame({"t": [text]})
    assert frame.select(c=chars(pl.col("t")), w=words(pl.col("t")), l=lines(pl.col("t"))).row(0) == expected


def test_metrics_follow_the_chosen_side_and_only_named_ones_are_stored():
    rows = [record("r", "four", ["a longer answer", "tiny"], ("b", None))]
    rules = [
        {"name": "one", "flag": "chosen_chars < 5 and rejected_words > 2 and prompt_chars = 4"},
        {"name": "two", "flag": "chars_gap < 0 and words_ratio = 3.0"},
    ]
    tables = curate(rows, plan(rules=rules))
    assert tables["metrics"].drop("pair_id").to_dicts() == [
        {"prompt_chars": 4, "chosen_chars": 4, "chars_gap": -11, "words_ratio": 3.0, "rejected_words": 3}
    ]
    assert tables["decisions"].select("rule", "action", "reason").rows() == [
        ("one", "flag", "flagged_by_rule"), ("two", "flag", "flagged_by_rule"),
    ]  # fmt: skip
    assert tables["pairs"]["kept"].all()


@pytest.mark.parametrize(("action", "reason"), [("drop", "dropped_by_rule"), ("quarantine", "quarantined_by_rule")])
def test_the_first_rule_that_fires_decides_and_says_what_it_saw(action, reason):
    rules = [
        {"name": "blank", action: "is_empty"},
        {"name": "text", action: "chosen like '%oo%' or prompt = 'never'"},
        {"name": "later", action: "n_votes = 1"},
    ]
    rows = [
        record("e", "x", ["good", " "], ("a", None)),
        record("t", "y", ["look", "no"], ("a", None)),
        record("z", "z", ["p", "q"], ("a", "w"), ("a", "v")),
    ]
    tables = curate(rows, plan(rules=rules))
    fates = {row["record_id"]: (row["reason"], row["rule"]) for row in tables["pairs"].to_dicts()}
    assert fates == {"e": (reason, "blank"), "t": (reason, "text"), "z": (None, None)}
    said = tables["decisions"].filter(rule="text").row(0, named=True)
    assert said["threshold"] == "chosen like '%oo%' or prompt = 'never'"
    assert '"chosen":"look"' in said["value"]
