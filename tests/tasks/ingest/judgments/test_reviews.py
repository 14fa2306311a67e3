"""What several people say: about one response each, or about the responses that their columns are for."""

import polars as pl
import pytest

from tests.tasks.ingest.shards import PSEUDONYM, assert_nothing_is_lost, facts_of, ingest_by

PAIR = {"prompt": "p", "responses": ["x", "y"]}
ROW = {"p": "?", "x": "one", "y": "two"}


def test_reviews_of_the_row_are_about_the_responses_of_their_columns():
    block = {"each": "votes", "annotator": "who", "labels": [{"path": ["x_ok", "y_ok"], "taxonomy": "t", "label": "ok"}],
             "feedback": [{"path": "why", "target": "record", "kind": "reason"}]}  # fmt: skip
    votes = {
        "winner": {"overall": {"votes": {"each": "votes", "id": "who", "vote": "best"}, "values": {"x": 0.5, "y": "b"}}}
    }
    ingest = ingest_by(PAIR | votes | {"reviews": [block]})
    docs = [ROW | {"votes": [{"who": "Ada", "x_ok": "yes", "y_ok": "no", "why": "So.", "best": "x"}, {"who": "Alan", "x_ok": "no"}]},
            ROW | {"votes": None}]  # fmt: skip
    facts = facts_of(ingest, docs)
    texts = dict(facts["responses"].select("response_id", "text").iter_rows())
    ada, alan = PSEUDONYM("Ada"), PSEUDONYM("Alan")
    labels = facts["labels"].select("annotator_id", "target_id", "value").rows()
    assert [(who, texts[which], so) for who, which, so in labels] == [
        (ada, "one", True),
        (ada, "two", False),
        (alan, "one", False),
    ]
    assert facts["feedback"].select("annotator_id", "text").rows() == [(ada, "So.")]
    assert facts["comparisons"].select("annotator_id", "outcome", "strength").rows() == [
        (ada, "a", 0.5),
        (alan, "invalid", None),
    ]
    assert dict(facts["annotators"].select("annotator_id", "judgments").iter_rows()) == {ada: 3, alan: 2}
    assert_nothing_is_lost(ingest, facts, docs)


def test_reviews_beside_a_response_are_about_that_one():
    block = {"each": "all[].by", "annotator": "who", "ratings": {"overall": {"path": "grade", "scale": [0, 10]}},
             "rankings": {"overall": {"ranks": "rank"}}}  # fmt: skip
    ingest = ingest_by({"prompt": "p", "responses": {"each": "all", "text": "t"}, "reviews": [block]})
    docs = [{"p": "?", "all": [{"t": "one", "by": [{"who": "Ada", "grade": 3, "rank": 2}, {"grade": 11}]},
                               {"t": "two", "by": [{"who": "Ada", "grade": 9, "rank": 1}]}, {"t": "three"}]}]  # fmt: skip
    facts = facts_of(ingest, docs)
    texts = dict(facts["responses"].select("response_id", "text").iter_rows())
    graded = facts["ratings"].select("target_id", "annotator_id", "value").rows()
    ada = PSEUDONYM("Ada")
    assert [(texts[which], who, grade) for which, who, grade in graded] == [
        ("one", ada, 3.0),
        ("one", None, None),
        ("two", ada, 9.0),
    ]
    assert facts["rankings"].select(pl.col("response_id").replace(texts), "rank").rows() == [("one", 2.0), ("two", 1.0)]
    assert_nothing_is_lost(ingest, facts, docs)


@pytest.mark.parametrize(("said", "value"), [(None, True), ("It is wrong.", False), ("", False)])
def test_null_may_say_that_nothing_is_wrong(said, value):
    label = {"path": ["judged"], "taxonomy": "t", "label": "fine", "if_null": True}
    facts = facts_of(ingest_by(PAIR | {"labels": [label]}), [ROW | {"judged": said}, ROW])
    assert facts["labels"].select("label", "value").rows() == [("fine", value)]


def test_grades_and_severities_may_be_words_and_some_words_say_nothing():
    parts = {"ratings": {"good": {"path": ["g"], "values": {"yes": 1, "no": 0}, "missing": ["NULL"]}},
             "labels": [{"path": ["l"], "taxonomy": "t", "missing": ["NULL"]}], "feedback": [{"path": ["l"], "missing": ["NULL"]}]}  # fmt: skip
    docs = [
        ROW | {"g": "yes", "l": "odd"},
        ROW | {"g": "no", "l": "NULL"},
        ROW | {"g": "NULL", "l": None},
        ROW | {"g": "?"},
    ]
    facts = facts_of(ingest_by(PAIR | parts), docs)
    assert facts["ratings"].select("value", "value_raw").rows() == [(1.0, '"yes"'), (0.0, '"no"'), (None, '"?"')]
    assert facts["labels"]["label"].to_list() == facts["feedback"]["text"].to_list() == ["odd"]


def test_lists_that_run_parallel_are_reviews():
    mapping = {
        "group": {"by": ["signal"], "answer": ["system"]},
        "responses": {"each": "answers", "text": "row.system"},
        "reviews": [{"each": "answers[].row", "lists": ["grades", "who"], "annotator": "who", "ratings": {"overall": {"path": "grades"}}}],
    }  # fmt: skip
    ingest = ingest_by(mapping)
    docs = [
        {"signal": "s", "system": "x", "grades": "[41.0, 32.0]", "who": "[711, 712]"},
        {"signal": "s", "system": "y", "grades": [1, 2, 3], "who": ["711", "712"]},
        {"signal": "s", "system": "z", "grades": [7], "who": [712]},
    ]
    facts = facts_of(ingest, docs)
    places = dict(facts["responses"].select("response_id", "text").iter_rows())
    told = [(places[row["target_id"]], row["value"], row["annotator_id"]) for row in facts["ratings"].to_dicts()]
    assert told == [("x", 41.0, PSEUDONYM(711)), ("x", 32.0, PSEUDONYM(712)), ("z", 7.0, PSEUDONYM(712))]
    assert not any("711" in text or "712" in text for text in facts["rows"]["raw_json"])
    assert_nothing_is_lost(ingest, facts, docs)
