"""Conversations with several answers a turn, transcripts in a column, judged turns, conversations behind a prompt."""

import polars as pl
import pytest

from schemas.plan.sources import Join
from tests.tasks.ingest.samples import flat
from tests.tasks.ingest.shards import (
    PSEUDONYM,
    assert_nothing_is_lost,
    facts_of,
    ingest_by,
    mapped,
    reasons,
    recognised,
    rows_of,
)

HISTORY = {
    "history": {"turns": "said", "turn": "n", "role": "who", "text": "what", "chosen": "kept"},
    "prompt": {"messages": "messages"},
    "responses": {"each": "replies", "text": "what"},
    "winner": {"pick": "replies[].kept"},
    "annotators": "row.user",
}


def turn(n, who, what, kept=None):
    return {"n": n, "who": who, "what": what, "kept": kept}


def test_a_turn_is_a_record_and_the_chosen_answer_goes_on():
    said = [turn(1, "user", "Hi."), turn(1, "model", "No."), turn(2, "User", "Why?"), turn(2, "model", "So.", True),
            turn(2, "model", "Well.", False), turn(3, "user", "Bye.")]  # fmt: skip
    ingest = ingest_by(HISTORY)
    docs = [{"said": said, "user": "Ada"}, {"said": said[-1:], "user": None}, {"said": []}]
    facts = facts_of(ingest, docs)
    assert facts["records"].select("prompt_text", "response_count").rows() == [
        ("Hi.", 1), ("user: Hi.\n\nassistant: No.\n\nuser: Why?", 2), ("Bye.", 0),
    ]  # fmt: skip
    assert facts["comparisons"].height == 1
    assert reasons(facts) == {3: "wrong_type"}
    assert_nothing_is_lost(ingest, facts, docs)


@pytest.mark.parametrize(("said", "reason"), [(None, "missing_column"), ("x", "wrong_type"), (["x"], "wrong_type")])
def test_a_history_that_is_none_is_set_aside(said, reason):
    assert reasons(mapped([{"said": said}], HISTORY)) == {1: reason}


def test_a_transcript_in_a_column_is_a_conversation():
    mapping = {"prompt": {"dialogue": "p"}, "responses": ["x", "y"]}
    docs = [{"p": "\n\nHuman: One?\n\nAssistant: Two.\n\nHuman: Three?\n\nAssistant:", "x": "1", "y": "2"}]
    ingest = ingest_by(mapping)
    facts = facts_of(ingest, [*docs, docs[0] | {"p": "plain"}, docs[0] | {"p": None}])
    assert facts["records"]["prompt_text"].to_list() == ["user: One?\n\nassistant: Two.\n\nuser: Three?"]
    assert reasons(facts) == {2: "wrong_type", 3: "missing_column"}
    assert_nothing_is_lost(ingest, facts, docs)


def talk(*texts):
    return [{"role": "assistant" if at % 2 else "user", "content": text} for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("turns", "prompt", "first"),
    [(1, "a", "b"), (2, "a", "assistant: b\n\nuser: c\n\nassistant: d"), (9, "a", "assistant: b\n\nuser: c\n\nassistant: d")],
)  # fmt: skip
def test_turns_that_were_not_judged_are_left_out(turns, prompt, first):
    mapping = {"prompt": {"implicit": True, "turns": "turn"}, "responses": ["x", "y"]}
    docs = [{"x": talk("a", "b", "c", "d"), "y": talk("a", "B", "c", "D"), "turn": turns}]
    ingest = ingest_by(mapping)
    facts = facts_of(ingest, docs)
    assert facts["records"]["prompt_text"].to_list() == [prompt]
    assert facts["responses"]["text"][0] == first
    assert_nothing_is_lost(ingest, facts, docs)


def test_conversations_say_more_than_a_prompt_that_is_one_of_their_turns():
    mapping = {"prompt": "p", "responses": ["x", "y"]}
    docs = [
        {"p": "a", "x": talk("a", "b", "c", "d"), "y": talk("a", "b", "c", "D")},
        {"p": "a", "x": talk("a", "b"), "y": talk("a", "B")},
        {"p": "a", "x": talk("a", "b", "c", "d"), "y": "plain"},
    ]
    ingest = ingest_by(mapping)
    facts = facts_of(ingest, docs)
    assert facts["records"]["prompt_text"].to_list() == ["user: a\n\nassistant: b\n\nuser: c", "a", "a"]
    assert facts["responses"]["text"].to_list() == [
        "d",
        "D",
        "b",
        "B",
        "assistant: b\n\nuser: c\n\nassistant: d",
        "plain",
    ]
    assert_nothing_is_lost(ingest, facts, docs)


def test_messages_of_a_tree_meet_by_joining_the_file_with_itself():
    docs = [flat(1, None), flat(2, 1, "assistant", 1), flat(3, 1, "assistant", 0), flat(4, 3), flat(5, 4, "assistant", 0),
            flat(6, 4, "assistant", 1), flat(7, 4, "assistant"), flat(8, 4), flat(9, 9)]  # fmt: skip
    ingest = recognised(docs).model_copy(update={"join": Join(path="rows.jsonl", on="message_tree_id")})
    partners = ingest.gather([("rows.jsonl", rows_of(docs))], PSEUDONYM)
    facts = ingest(rows_of(docs), "rows.jsonl", PSEUDONYM, {}, partners)
    assert reasons(facts) == {}
    judged = facts["records"].filter(pl.col("response_count") > 0)
    assert judged.select("source_key", "response_count", "conversation_id").rows() == [("m1", 2, "m1"), ("m4", 2, "m1")]
    roles = [[turn["role"] for turn in turns] for turns in judged["prompt_messages"]]
    assert roles == [["user"], ["user", "assistant", "user"]]
    assert "Message 3" in judged["prompt_text"][1]
    assert facts["rankings"]["rank"].to_list() == [1.0, 0.0, 0.0, 1.0]
    assert facts["records"].height == len(docs)
    assert not any("Lovelace" in frame.write_ndjson() for frame in facts.values())
