"""Whose votes count, and what they decide."""

import polars as pl
import pytest

from tests.tasks.small_world import curate, plan, record

YES, NO = "Yes, and here is how.", "No."
SAME = ("How?", [YES, NO])
MIRRORED = ("how? ", [NO, "yes, and  here is how."])


def votes_of(tables: dict[str, pl.DataFrame], name: str = "r1") -> tuple[int, float, str | None]:
    row = tables["pairs"].filter(pl.col("record_id") == name).row(0, named=True)
    return row["n_votes"], round(row["agreement"], 3), row["reason"]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param([], (1, 1.0, None), id="one vote"),
        pytest.param(
            [record("r2", *SAME, ("a", None))], (2, 1.0, None), id="unknown people of one source are two votes"
        ),
        pytest.param(
            [record("r2", *SAME, ("a", None), source="B")], (1, 1.0, None), id="the same in another source is a copy"
        ),
        pytest.param(
            [record("r2", *MIRRORED, ("b", None), source="B")], (1, 1.0, None), id="a mirrored copy is a copy"
        ),
        pytest.param(
            [record("r2", *SAME, ("b", None), source="B")], (2, 0.5, "contradictory"), id="opposite copies contradict"
        ),
        pytest.param([record("r2", *MIRRORED, ("a", None))], (2, 0.5, "contradictory"), id="swapped labels contradict"),
        pytest.param(
            [record("r2", *SAME, ("b", None)), record("r3", *SAME, ("a", None))],
            (3, 0.667, None),
            id="the majority wins",
        ),
    ],
)
def test_unnamed_votes(others, expected):
    assert votes_of(curate([record("r1", *SAME, ("a", None)), *others])) == expected


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        pytest.param([("a", "w1"), ("a", "w2"), ("b", "w3")], (3, 0.667, None), id="different people"),
        pytest.param([("a", "w1"), ("a", "w1")], (1, 1.0, None), id="the same person twice"),
        pytest.param([("a", "w1"), ("b", "w1")], (1, 1.0, None), id="who says both says a tie"),
        pytest.param([("a", "w1"), ("tie", "w2")], (2, 0.5, None), id="a tie is a vote for neither"),
        pytest.param([("both_bad", "w1"), ("both_bad", "w2"), ("a", "w3")], (3, 0.333, "both_bad"), id="both bad"),
        pytest.param([("invalid", "w1"), ("a", "w2")], (1, 1.0, None), id="invalid is no vote"),
    ],
)
def test_named_votes(votes, expected):
    assert votes_of(curate([record("r1", *SAME, *votes)])) == expected


def test_a_source_that_republishes_without_names_adds_nothing():
    named = record("r1", *SAME, ("a", "w1"), ("a", "w2"))
    assert votes_of(curate([named, record("r2", *SAME, ("a", None), source="B")])) == (2, 1.0, None)


def test_a_judgment_that_sums_up_people_counts_as_many():
    tables = curate([record("r1", *SAME, ("a", None)), record("r2", *SAME, ("b", None))])
    assert tables["contradictions"].select("votes_a", "votes_b").row(0) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("setting", "reason", "tie"),
    [("majority", "contradictory", True), ("drop", "contradictory", True), ("keep", None, True)],
)
def test_even_contradictions_go_as_the_plan_says(setting, reason, tie):
    rows = [record("r1", *SAME, ("a", None)), record("r2", *MIRRORED, ("a", None))]
    pairs = curate(rows, plan(dedupe={"contradictions": setting}))["pairs"].sort("record_id")
    assert pairs["tie"].to_list() == [tie, tie]
    assert pairs["reason"].to_list() == ([reason] * 2 if reason else [None, "merged_normalised"])


def test_a_settled_contradiction_keeps_the_winner_and_names_the_loser():
    rows = [record("r1", *SAME, ("a", "w1"), ("a", "w2")), record("r2", *MIRRORED, ("a", "w3"))]
    tables = curate(rows)
    fates = dict(tables["pairs"].select("record_id", "reason").iter_rows())
    assert fates == {"r1": None, "r2": "outvoted"}
    said = tables["contradictions"].row(0, named=True)
    assert (said["ids"], said["method"], {said["votes_a"], said["votes_b"]}) == (
        sorted(tables["pairs"]["pair_id"]),
        "normalised",
        {1.0, 2.0},
    )
    assert said["settled"] in ("a", "b")


def test_small_margins_are_dropped_with_the_margin_as_evidence():
    tables = curate([record("r1", "Rate", [YES, NO], ratings=[3.0, 2.0])], plan(resolve={"min_margin": 0.5}))
    assert tables["pairs"].select("margin", "reason").row(0) == (0.25, "below_min_margin")
    assert '"margin":0.25' in tables["decisions"]["value"][0]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (record("r", "p", ["only"]), "single_response"),
        (record("r", "p", [YES, NO]), "no_judgment"),
        (record("r", "p", [YES, NO], ("invalid", None)), "no_usable_judgment"),
    ],
)
def test_a_record_without_a_pair_says_why(made, reason):
    tables = curate([made])
    assert tables["pairs"].is_empty()
    assert tables["decisions"].select("subject_id", "subject", "reason").rows() == [("r", "record", reason)]


def test_the_careless_annotator_is_excluded_and_the_others_count():
    careful = [
        record(f"r{n}", f"Question {n}", [f"{YES} {n}", f"{NO} {n}"], *[("a", w) for w in ("w1", "w2")], ("b", "bad"))
        for n in range(20)
    ]
    rule = {"name": "careless", "on": "judgments", "drop": "annotator_agreement < 0.4 and annotator_votes >= 20"}
    tables = curate([*careful, record("lone", "Alone", [YES, NO], ("a", "bad"))], plan(rules=[rule]))
    assert tables["contradictions"].is_empty()
    assert tables["pairs"]["n_votes"].to_list() == [2] * 20
    decided = tables["decisions"].filter(pl.col("rule") == "careless")
    assert decided["reason"].unique().to_list() == ["excluded_by_rule"]
    assert decided.height == 21
    assert tables["decisions"].filter(subject="record").select("subject_id", "reason").rows() == [
        ("lone", "judgments_excluded")
    ]


def test_agreement_counts_only_pairs_that_others_judged():
    tables = curate(
        [record("r1", "q", [YES, NO], ("a", "w1"), ("a", "w2"), ("b", "w3")), record("r2", "z", [YES, NO], ("a", "w1"))]
    )
    by_name = {row["annotator_id"]: row for row in tables["annotators"].to_dicts()}
    assert (by_name["w1"]["annotator_agreement"], by_name["w1"]["annotator_votes"], by_name["w1"]["judgments"]) == (
        None,
        0,
        2,
    )
    assert (by_name["w3"]["annotator_agreement"], by_name["w3"]["annotator_votes"]) == (0.0, 1)
