"""Conversations of rounds: what was said before the last answer is the prompt."""

import pytest

from tests.tasks.ingest.shards import assert_nothing_is_lost, facts_of, ingest_by, reasons

ROUNDS = {
    "rounds": {"each": "rounds", "question_media": "seen", "answer_media": "shown"},
    "prompt": {"messages": "messages", "media": ["media"]},
    "responses": [{"text": "last.response", "media": "last.shown"}],
    "conversation": "row.story",
}
FIRST = {
    "round": 1,
    "prompt": "Which?",
    "seen": ["a.png", ""],
    "response": "The old lamp in this narrow room, I would say.",
    "shown": [""],
}
SECOND = {"round": 2, "prompt": "And now?", "seen": [], "response": "That one.", "shown": ["b.png", "c.png"]}


def attached(facts):
    return facts["attachments"].sort("target", "index").select("target", "index", "reference").rows()


def test_the_last_answer_is_the_response_and_all_before_it_the_prompt():
    ingest, docs = ingest_by(ROUNDS), [{"story": "s", "rounds": [FIRST, SECOND]}]
    facts = facts_of(ingest, docs)
    assert facts["records"].select("prompt_text", "conversation_id", "task").row(0) == (
        f"user: Which?\n\nassistant: {FIRST['response']}\n\nuser: And now?", "s", "ti2ti",
    )  # fmt: skip
    assert facts["responses"]["text"].to_list() == ["That one."]
    assert attached(facts) == [("prompt", 0, "a.png"), ("response", 0, "b.png"), ("response", 1, "c.png")]
    assert_nothing_is_lost(ingest, facts, docs)


def test_rounds_before_the_first_and_the_round_after_the_last():
    about = ROUNDS["rounds"] | {"last": "next", "first": 1}
    mapping = ROUNDS | {
        "rounds": about,
        "responses": [{"text": "last.left"}, {"text": "last.right"}],
        "winner": {"always": "a"},
    }
    ingest, docs = (
        ingest_by(mapping),
        [{"rounds": [{"round": 0}, FIRST], "next": {"prompt": "And?", "left": "Yes.", "right": "No."}}],
    )
    facts = facts_of(ingest, docs)
    assert [turn["content"] for turn in facts["records"]["prompt_messages"][0]] == ["Which?", FIRST["response"], "And?"]
    assert facts["comparisons"]["outcome"].to_list() == ["a"]
    assert_nothing_is_lost(ingest, facts, docs)


@pytest.mark.parametrize(
    ("rounds", "reason"),
    [
        (None, "missing_column"),
        (3, "wrong_type"),
        ([], "wrong_type"),
        ([1], "wrong_type"),
        ([{"round": 0}], "wrong_type"),
    ],
)
def test_a_row_without_a_round_is_set_aside(rounds, reason):
    assert reasons(facts_of(ingest_by(ROUNDS), [{"rounds": rounds}])) == {1: reason}


def test_a_row_without_its_last_round_is_set_aside():
    ingest = ingest_by(ROUNDS | {"rounds": ROUNDS["rounds"] | {"last": "next"}})
    assert reasons(facts_of(ingest, [{"rounds": []}, {"rounds": [], "next": "x"}])) == {
        1: "missing_column",
        2: "wrong_type",
    }
