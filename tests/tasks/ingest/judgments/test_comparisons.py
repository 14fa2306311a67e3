"""Outcomes and strengths: what sources write for a, b, a tie, nothing."""

import polars as pl
import pytest

from tests.tasks.ingest.shards import mapped, reasons

TWO = {"prompt": "p", "responses": ["x", "y"]}


def row(**more):
    return {"p": "Which?", "x": "This one.", "y": "That one."} | more


def judged(winner, *values, column="w"):
    facts = mapped([row(**{column: value}) for value in values], TWO | {"winner": winner})
    return facts["comparisons"].select("outcome", "strength").rows()


@pytest.mark.parametrize("label", [1, "1", 1.0, True, "1.0", " 1 "])
def test_copies_of_a_label_are_the_same_label(label):
    values = {"1": "a", "2": "b", "true": "a"}
    assert judged({"column": "w", "values": values}, label) == [("a", 1.0)]


@pytest.mark.parametrize(
    ("label", "outcome", "strength"),
    [
        ("A>B", "a", 1.0),
        (2, "b", -1.0),
        (0, "tie", 0.0),
        ("bad", "both_bad", None),
        (None, "invalid", None),
        ("", "invalid", None),
        (-100, "invalid", None),
        ("A<B", "invalid", None),
        (["A>B"], "invalid", None),
    ],
)
def test_labels_are_translated_and_unknown_ones_keep_the_record(label, outcome, strength):
    values = {"A>B": "a", "2": "b", "0": "tie", "bad": "both_bad", "": "invalid", "-100": "invalid"}
    facts = mapped([row(w=label)], TWO | {"winner": {"column": "w", "values": values}})
    assert facts["comparisons"].select("outcome", "strength").rows() == [(outcome, strength)]
    assert facts["records"].height == 1
    assert reasons(facts) == {}


def test_the_raw_label_is_kept_as_the_source_wrote_it():
    facts = mapped(
        [row(w=1), row(w="1"), row(w=None)], TWO | {"winner": {"column": "w", "values": {"1": "a", "": "invalid"}}}
    )
    assert facts["comparisons"]["outcome_raw"].to_list() == ["1", '"1"', "null"]


def test_an_absent_judging_column_sets_the_row_aside():
    facts = mapped([row(w="a"), row()], TWO | {"winner": {"column": "w", "values": {"a": "a"}}})
    assert reasons(facts) == {2: "missing_column"}
    assert "'w' is missing" in facts["quarantine"]["detail"][0]


@pytest.mark.parametrize(
    ("scores", "outcome", "strength"),
    [
        ([0.9, 0.1], "a", 1.0),
        ([0, 3], "b", -1.0),
        ([0.5, 0.5], "tie", 0.0),
        ([None, 1], "invalid", None),
        (["4", "2"], "a", 1.0),
        ([1], "invalid", None),
    ],
)
def test_the_higher_score_wins(scores, outcome, strength):
    assert judged({"scores": "w"}, scores) == [(outcome, strength)]


def test_ranks_are_scores_where_less_is_better_and_a_known_range_gives_a_strength():
    assert judged({"scores": "w", "lower_is_better": True}, [1, 2]) == [("a", 1.0)]
    assert judged({"scores": "w", "strength_max": 4}, [1, 2], [9, 1]) == [("b", -0.25), ("a", 1.0)]


def test_scores_may_stand_in_columns_of_their_own():
    docs = [row(s=1, t=0), row(s=1), row(s=None, t=0)]
    facts = mapped(docs, TWO | {"winner": {"scores": ["s", "t"]}})
    assert facts["comparisons"]["outcome"].to_list() == ["a", "invalid"]
    assert reasons(facts) == {2: "missing_column"}


@pytest.mark.parametrize(
    ("value", "outcome", "strength"),
    [(1, "a", 1.0), (2.0, "b", -1.0), (1.5, "tie", 0.0), (1.75, "b", -0.5), ("1.25", "a", 0.5), (0, "tie", 0.0),
     (None, "invalid", None), (7, "invalid", None), ("?", "invalid", None)],
)  # fmt: skip
def test_a_scale_says_who_and_how_strongly(value, outcome, strength):
    assert judged({"column": "w", "scale": [1, 2], "values": {"0": "tie", "": "invalid"}}, value) == [
        (outcome, strength)
    ]


@pytest.mark.parametrize(("sign", "winner"), [("a", "a"), ("b", "b")])
def test_a_signed_strength_decides(sign, winner):
    rule = {"strength": "w", "strength_signed": sign, "strength_max": 3}
    first = 1.0 if winner == "a" else -1.0
    loser = "b" if winner == "a" else "a"
    assert judged(rule, 3, -3, 0, None, 5) == [
        (winner, first), (loser, -first), ("tie", 0.0), ("invalid", None), ("invalid", None),
    ]  # fmt: skip


def test_values_can_call_a_number_invalid_before_its_sign_counts():
    rule = {"strength": "w", "strength_signed": "a", "strength_max": 200, "values": {"-100": "invalid"}}
    assert judged(rule, -100, -200) == [("invalid", None), ("b", -1.0)]


def test_an_unsigned_strength_weighs_what_the_label_says():
    docs = [row(w="x", s=2), row(w="y", s=1), row(w="=", s=2), row(w="y", s=None)]
    winner = {"column": "w", "values": {"x": "a", "y": "b", "=": "tie"}, "strength": "s", "strength_max": 4}
    strengths = mapped(docs, TWO | {"winner": winner})["comparisons"]["strength"].to_list()
    assert strengths == [0.5, -0.25, 0.0, -1.0]


def test_votes_shares_and_rationales_stand_beside_the_judgment():
    docs = [row(w="x", n="7", s=0.86, why="shorter"), row(w="x", n=None, s=86, why=3)]
    winner = {"column": "w", "values": {"x": "a"}, "n_votes": "n", "share_a": "s", "rationale": "why"}
    facts = mapped(docs, TWO | {"winner": winner})
    assert facts["comparisons"].select("n_votes", "vote_share_a", "rationale").rows() == [
        (7, 0.86, "shorter"), (1, None, None),
    ]  # fmt: skip


def test_strength_is_never_above_one():
    rule = {"column": "w", "values": {"x": "a"}, "strength": "s"}
    facts = mapped([row(w="x", s=40)], TWO | {"winner": rule})
    assert facts["comparisons"]["strength"].to_list() == [1.0]


def test_dimensions_have_their_own_judgments_and_overall_takes_the_name_of_the_plan():
    winner = {
        "overall": {"column": "w", "values": {"1": "a", "2": "b"}},
        "safety": {"column": "v", "values": {"1": "a", "2": "b"}},
    }
    facts = mapped([row(w=1, v=2)], TWO | {"winner": winner}, dimension="helpfulness")
    assert facts["comparisons"].select("dimension", "outcome").rows() == [("helpfulness", "a"), ("safety", "b")]
    assert facts["comparisons"]["comparison_id"].n_unique() == 2


def test_a_judgment_about_a_response_that_a_row_does_not_have_is_no_comparison():
    mapping = {"prompt": "p", "responses": {"each": "xs"}, "winner": {"always": "a"}}
    facts = mapped([{"p": "?", "xs": ["one"]}, {"p": "?", "xs": ["one", "two"]}], mapping)
    assert facts["records"]["response_count"].to_list() == [1, 2]
    assert facts["comparisons"].height == 1
    assert facts["comparisons"]["a"].is_in(facts["responses"]["response_id"].implode()).all()


def test_both_sides_point_at_the_responses_named():
    facts = mapped([row()], TWO | {"winner": {"always": "a", "a": 1, "b": 0}})
    texts = dict(facts["responses"].select("response_id", "text").iter_rows())
    said = facts["comparisons"].select("a", "b").row(0)
    assert [texts[side] for side in said] == ["That one.", "This one."]
    assert facts["comparisons"].select(pl.col("a") != pl.col("b")).item()


def test_several_pairs_of_one_row_may_be_judged_in_one_dimension():
    said = {"values": {"1": "a", "-1": "b", "0": "tie"}, "dimension": "fun"}
    winner = {"first": said | {"column": "w[0]"}, "second": said | {"column": "w[1]", "a": 0, "b": 2}}
    facts = mapped([{"p": "?", "x": "1", "y": "2", "z": "3", "w": [1, -1]}],
                   {"prompt": "p", "responses": ["x", "y", "z"], "winner": winner})  # fmt: skip
    texts = dict(facts["responses"].select("response_id", "text").iter_rows())
    told = [
        (row["dimension"], row["outcome"], texts[row["a"]], texts[row["b"]]) for row in facts["comparisons"].to_dicts()
    ]
    assert told == [("fun", "a", "1", "2"), ("fun", "b", "1", "3")]
