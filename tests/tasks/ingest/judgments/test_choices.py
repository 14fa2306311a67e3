"""Flags over columns, one picked of many, all of one part against all of another, votes on a scale, ratios."""

import pytest

from tests.tasks.ingest.shards import mapped, reasons

TWO = {"prompt": "p", "responses": ["x", "y"]}
ROW = {"p": "Which?", "x": "This one.", "y": "That one."}
FLAGS = {"winner": {"flags": {"a": "wa", "b": "wb", "tie": "wt"}}}


def sides(facts):
    texts = dict(facts["responses"].select("response_id", "text").iter_rows())
    return [(texts[a], texts[b], outcome) for a, b, outcome in facts["comparisons"].select("a", "b", "outcome").rows()]


@pytest.mark.parametrize(
    ("flags", "outcome", "raw"),
    [((1, 0, 0), "a", "[1,0,0]"), ((0, "1", 0), "b", '[0,"1",0]'), ((False, False, True), "tie", "[false,false,true]"),
     (("no", None, "Yes"), "tie", '["no",null,"Yes"]'), ((0, 0, 0), "invalid", "[0,0,0]"), ((1, 1, 0), "invalid", "[1,1,0]")],
)  # fmt: skip
def test_the_one_flag_that_is_set_decides(flags, outcome, raw):
    facts = mapped([ROW | dict(zip(("wa", "wb", "wt"), flags, strict=True))], TWO | FLAGS)
    assert facts["comparisons"].select("outcome", "outcome_raw").rows() == [(outcome, raw)]


def test_a_missing_flag_sets_the_row_aside():
    assert reasons(mapped([ROW | {"wa": 1, "wb": 0}], TWO | FLAGS)) == {1: "missing_column"}


def test_who_is_picked_is_better_than_each_of_the_others():
    many = {"prompt": "p", "responses": {"each": "as", "text": "t"}, "winner": {"pick": "as[].best"}}
    docs = [
        {"p": "?", "as": [{"t": "1", "best": False}, {"t": "2", "best": True}, {"t": "3", "best": None}]},
        {"p": "?", "as": [{"t": "1", "best": "no"}, {"t": "2", "best": 0}]},
        {"p": "?", "as": [{"t": "1", "best": 1}, {"t": "2", "best": "yes"}]},
    ]
    facts = mapped(docs, many)
    assert sides(facts) == [("2", "1", "a"), ("2", "3", "a")]
    assert facts["comparisons"]["strength"].to_list() == [1.0, 1.0]
    assert facts["records"].height == 3


def test_all_of_one_part_may_be_better_than_all_of_another():
    parts = {
        "prompt": "p",
        "responses": [{"each": "good"}, "middle", {"each": "bad"}],
        "winner": {"always": "b", "of_parts": True, "a": 2, "b": 0},
    }
    facts = mapped([{"p": "?", "good": ["1", "2"], "middle": "3", "bad": '["4"]'}], parts)
    assert sides(facts) == [("4", "1", "b"), ("4", "2", "b")]
    assert facts["comparisons"]["strength"].to_list() == [-1.0, -1.0]


def test_what_is_optional_and_not_there_is_not_judged_and_not_set_aside():
    winner = {
        "overall": {"column": "w", "values": {"1": "a"}},
        "fun": {"column": "f", "values": {"1": "a"}, "is_optional": True},
    }
    facts = mapped([ROW | {"w": 1}, ROW | {"w": 1, "f": None}, ROW | {"w": 1, "f": 2}], TWO | {"winner": winner})
    assert facts["comparisons"].select("dimension", "outcome").rows() == [
        ("overall", "a"), ("overall", "a"), ("overall", "a"), ("fun", "invalid"),
    ]  # fmt: skip
    assert reasons(facts) == {}


def test_votes_may_stand_on_a_scale():
    mapping = TWO | {"winner": {"scale": [-3, 3]}, "annotators": {"each": "votes", "vote": "n"}}
    facts = mapped([ROW | {"votes": [{"n": -3}, {"n": 0}, {"n": "1.5"}, {"n": 4}]}], mapping)
    assert facts["comparisons"].select("outcome", "strength").rows() == [
        ("a", 1.0), ("tie", 0.0), ("b", -0.5), ("invalid", None),
    ]  # fmt: skip


def test_the_logarithm_of_a_ratio_is_a_strength():
    winner = {"column": "w", "values": {"1": "a", "0": "b"}, "strength": "r", "strength_max": 100, "is_ratio": True}
    docs = [ROW | {"w": 1, "r": 10}, ROW | {"w": 0, "r": 1000.0}, ROW | {"w": 1, "r": 0.2}]
    assert mapped(docs, TWO | {"winner": winner})["comparisons"]["strength"].to_list() == [0.5, -1.0, 0.0]
