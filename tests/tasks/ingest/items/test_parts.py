"""Rows that hold several records, in a list or in an object by their keys."""

import pytest

from tests.tasks.ingest.shards import assert_nothing_is_lost, facts_of, ingest_by, reasons

PARTS = {
    "prompt": "part.q",
    "responses": {"each": "part.by.*", "text": "said", "generator": "who"},
    "rankings": {"overall": {"ranks": "part.by.*.rank"}},
    "conversation": "row.story",
    "private": ["**.reader"],
}


def asked(question, *answers):
    return {"q": question, "by": {name: {"said": text, "who": name, "rank": rank} for name, text, rank in answers}}


FIRST = asked("Where?", ("x", "Left.", 2), ("y", "On the left of the old and narrow room, I would say.", 1))
SECOND = asked("When?", ("x", "Now.", 1))


@pytest.mark.parametrize(("path", "held"), [("questions.*", {"0": FIRST, "1": SECOND}), ("questions", [FIRST, SECOND])])
def test_an_element_is_a_record(path, held):
    ingest = ingest_by(PARTS | {"parts": {"each": path}})
    docs = [{"story": "s1", "reader": "Ada", "questions": held}, {"story": "s2", "questions": held}]
    facts = facts_of(ingest, docs)
    assert facts["records"].select("prompt_text", "response_count", "conversation_id").rows() == [
        ("Where?", 2, "s1"), ("When?", 1, "s1"), ("Where?", 2, "s2"), ("When?", 1, "s2"),
    ]  # fmt: skip
    assert facts["rankings"]["rank"].to_list() == [2.0, 1.0, 1.0, 2.0, 1.0, 1.0]
    assert facts["records"]["record_id"].n_unique() == 4
    assert_nothing_is_lost(ingest, facts, docs)


def test_a_row_without_the_list_is_set_aside():
    facts = facts_of(ingest_by(PARTS | {"parts": {"each": "questions.*"}}), [{}, {"questions": 3}, {"questions": None}])
    assert reasons(facts) == dict.fromkeys((1, 2, 3), "missing_column")
