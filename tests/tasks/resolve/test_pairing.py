"""Judgments of every kind land on the right pair."""

import polars as pl
import pytest

from tests.tasks.small_world import curate, plan, record


def pairs(tables):
    return sorted(tables["pairs"].select("chosen", "rejected", "tie", "margin").rows())


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("all", [("p", "q", False, 0.5), ("p", "r", False, 1.0), ("q", "r", False, 0.5)]),
        ("adjacent", [("p", "q", False, 0.5), ("q", "r", False, 0.5)]),
        ("extremes", [("p", "r", False, 1.0)]),
    ],
)
def test_rankings(which, expected):
    made = curate([record("r", "x", ["p", "q", "r"], ranks=[1, 2, 3])], plan(resolve={"ranking_pairs": which}))
    assert pairs(made) == expected


def test_equal_ranks_and_equal_grades_tie():
    made = curate([record("r", "x", ["p", "q"], ranks=[1, 1]), record("s", "y", ["p", "q"], ratings=[4, 4])])
    assert [tie for *_, tie, _ in pairs(made)] == [True, True]


def test_ratings_win_by_grade_and_are_as_strong_as_the_gap():
    assert pairs(curate([record("r", "x", ["p", "q"], ratings=[2, 5])])) == [("q", "p", False, 0.75)]


def test_the_first_kind_of_judgment_is_trusted():
    both = record("r", "x", ["p", "q"], ("b", None), ratings=[5, 1])
    assert pairs(curate([both]))[0][:2] == ("q", "p")
    assert pairs(curate([both], plan(resolve={"from": ["ratings", "comparisons"]})))[0][:2] == ("p", "q")


def test_the_system_message_is_part_of_the_question():
    rows = [
        record("r", "x", ["p", "q"], ("a", None), system="Be kind"),
        record("s", "x", ["p", "q"], ("b", None), system="Be rude"),
    ]
    tables = curate(rows)
    assert tables["contradictions"].is_empty()
    assert tables["pairs"]["kept"].all()
    assert tables["pairs"]["component_id"].n_unique() == 1


def test_answers_that_differ_in_white_space_alone_stay_a_pair():
    tables = curate([record("r", "x", ["if a:\n  b", "if a:\n    b"], ("a", None))])
    assert tables["pairs"].select("kept", "chosen").row(0) == (True, "if a:\n  b")


def test_identical_answers_are_no_pair():
    tables = curate([record("r", "x", ["p", "p"], ("a", None))])
    assert tables["pairs"]["reason"].to_list() == ["identical_sides"]


def test_exact_and_normalised_copies_are_told_apart():
    rows = [
        record("r1", "x", ["p p", "q"], ("a", None)),
        record("r2", "x", ["p p", "q"], ("a", None)),
        record("r3", "X", ["p  p", "q"], ("a", None)),
    ]
    tables = curate(rows)
    assert dict(tables["pairs"].select("record_id", "reason").iter_rows()) == {
        "r1": None,
        "r2": "merged_exact",
        "r3": "merged_normalised",
    }
    carrier = tables["pairs"].filter(record_id="r1")["pair_id"][0]
    assert tables["decisions"].filter(action="merge")["partner_id"].to_list() == [carrier, carrier]
    found = tables["clusters"].filter((pl.col("key") == "pair") & pl.col("partner_id").is_not_null())
    assert sorted(found["method"].to_list()) == ["exact", "normalised", "normalised"]


def test_blank_prompts_tie_no_records_but_their_responses_do():
    rows = [
        record("r", "", ["p", "q"], ("a", None)),
        record("s", " \n", ["Q", "t"], ("a", None)),
        record("u", "", ["v", "w"], ("a", None)),
        record("z", "p", ["1", "2"], ("a", None)),
    ]
    tables = curate(rows)
    own = dict(tables["pairs"].select("record_id", "component_id").iter_rows())
    assert own["r"] == own["s"]
    assert len({own["r"], own["u"], own["z"]}) == 3
    assert tables["clusters"].filter(key="prompt").is_empty()
    assert tables["pairs"]["kept"].all()


def test_pairs_without_a_prompt_are_the_same_pair_by_their_answers():
    rows = [record("r", "", ["p", "q"], ("a", None)), record("s", "", ["q", "p"], ("b", None))]
    assert curate(rows)["pairs"]["reason"].to_list() == [None, "merged_exact"]
