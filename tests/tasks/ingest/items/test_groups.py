"""Rows with equal values become one record, whose other rows are fed by it and come back from it."""

import polars as pl

from tests.tasks.ingest.shards import PSEUDONYM, assert_nothing_is_lost, facts_of, ingest_by, reasons

MARKS = {
    "group": {"by": ["seg"], "answer": ["system"]},
    "prompt": {"columns": ["row.source"], "without": "</?v>"},
    "responses": {"each": "answers", "text": "row.target", "generator": "row.system", "without": "</?v>"},
    "reviews": [
        {
            "each": "answers[].rows",
            "annotator": "rater",
            "captures": [{"path": "target", "pattern": "<v>(?P<span>.*?)</v>"}],
            "ratings": {"mqm": {"path": "how", "values": {"Major": -5, "Minor": -1, "none": 0}, "is_summed": True}},
            "labels": [{"path": "what", "taxonomy": "mqm", "severity": "how", "severities": {"Major": 2, "Minor": 1}}],
            "feedback": [{"path": "captured.span", "kind": "span"}],
        }
    ],
}


def mark(system, rater, target, how, seg=1, source="A lamp."):
    return {
        "seg": seg,
        "system": system,
        "rater": rater,
        "source": source,
        "target": target,
        "what": "Style",
        "how": how,
    }


ROWS = [
    mark("x", "Ada", "Eine <v>Lampe</v>, gut.", "Major", source="A <v>lamp</v>."),
    mark("y", "Alan", "Ein Licht.", "none"),
    mark("x", "Ada", "Eine Lampe, <v>gut</v>.", "Minor"),
    mark("x", "Alan", "Eine Lampe, gut.", "Minor"),
    mark("x", "Ada", "Zwei.", "none", seg=2),
]


def test_rows_of_a_group_are_one_record():
    ingest = ingest_by(MARKS)
    facts = facts_of(ingest, ROWS)
    rows = facts["rows"]["row_id"].to_list()
    assert facts["records"]["row_ids"].to_list() == [rows[:4], rows[4:]]
    assert facts["records"]["prompt_text"].to_list() == ["A lamp.", "A lamp."]
    texts = facts["responses"].select("text", "generator").rows()
    assert texts == [("Eine Lampe, gut.", "x"), ("Ein Licht.", "y"), ("Zwei.", "x")]
    assert_nothing_is_lost(ingest, facts, ROWS)


def test_penalties_of_one_person_for_one_response_add_up():
    facts = facts_of(ingest_by(MARKS), ROWS)
    places = dict(facts["responses"].select(pl.concat_str("record_id", "response_id"), "text").iter_rows())
    told = [
        (places[row["record_id"] + row["target_id"]], row["annotator_id"], row["value"], row["value_raw"])
        for row in facts["ratings"].iter_rows(named=True)
    ]
    ada, alan = PSEUDONYM("Ada"), PSEUDONYM("Alan")
    assert sorted(told) == sorted([
        ("Eine Lampe, gut.", ada, -6.0, '["Major","Minor"]'), ("Eine Lampe, gut.", alan, -1.0, '["Minor"]'),
        ("Ein Licht.", alan, 0.0, '["none"]'), ("Zwei.", ada, 0.0, '["none"]'),
    ])  # fmt: skip


def test_marks_keep_their_severity_and_their_words():
    facts = facts_of(ingest_by(MARKS), ROWS)
    assert facts["labels"]["severity"].to_list() == [2, 1, 1, None, None]
    assert facts["feedback"].select("kind", "text").rows() == [("span", "Lampe"), ("span", "gut")]


def test_another_row_of_a_group_changes_no_id():
    before, after = (facts_of(ingest_by(MARKS), rows) for rows in (ROWS[:2], [*ROWS[:2], ROWS[3]]))
    assert before["records"]["record_id"].to_list() == after["records"]["record_id"].to_list()


def test_a_row_without_a_value_is_set_aside_and_a_bad_group_takes_its_rows_along():
    nowhere = {key: value for key, value in ROWS[1].items() if key != "seg"}
    mute = [mark("x", "Ada", None, "none", seg=3), mark("x", "Alan", "Doch.", "none", seg=3)]
    ingest = ingest_by(MARKS)
    docs = [nowhere, *mute, ROWS[4], ROWS[0] | {"seg": None}, ROWS[0] | {"$rows": 1}]
    facts = facts_of(ingest, docs)
    assert reasons(facts) == {
        1: "missing_column",
        2: "no_response",
        3: "no_response",
        5: "missing_column",
        6: "wrong_type",
    }
    assert facts["records"].height == 1
    assert_nothing_is_lost(ingest, facts, docs)
