"""Prompts and responses in every form that sources use."""

import json

import pytest

from tests.tasks.ingest.shards import assert_nothing_is_lost, facts_of, ingest_by, mapped, reasons

PAIR = {"responses": ["x", "y"], "winner": {"always": "a"}}
ASKED = [{"role": "user", "content": "Why is the sky blue?"}]


def read(docs, mapping):
    """Ingest rows, check that nothing of them is lost, and show what was said."""
    ingest = ingest_by(PAIR | mapping)
    facts = facts_of(ingest, docs)
    assert_nothing_is_lost(ingest, facts, docs)
    prompts = facts["records"].select("prompt_text", "prompt_messages", "system").rows()
    texts = facts["responses"].group_by("record_id", maintain_order=True).agg("text")["text"].to_list()
    return [(*prompt, said) for prompt, said in zip(prompts, texts, strict=True)]


def user(text):
    return [{"role": "user", "content": text}]


def test_a_plain_prompt_is_one_turn_of_the_user():
    assert read([{"p": "Why?", "x": "So.", "y": "Thus."}], {"prompt": "p"}) == [
        ("Why?", user("Why?"), None, ["So.", "Thus."])
    ]


def test_several_columns_are_joined_and_empty_ones_left_out():
    docs = [
        {"a": "Sum it up. It is a long text, longer than a reference.", "b": "A text. " * 9, "x": "1", "y": "2"},
        {"a": "Sum it up.", "b": "", "x": "1", "y": "2"},
        {"a": "Sum it up.", "b": None, "x": "1", "y": "2"},
        {"a": "Sum it up.", "x": "1", "y": "2"},
    ]
    prompts = [said[0] for said in read(docs, {"prompt": ["a", "b"]})]
    assert prompts == [f"{docs[0]['a']}\n\n{docs[0]['b']}"] + ["Sum it up."] * 3


def test_a_template_is_filled_and_its_parts_are_not_stored_twice():
    docs = [{"t": "On lamps", "b": "A lamp is a thing that gives light to people.", "n": 3, "x": "1", "y": "2"}]
    mapping = {"prompt": "{t} ({n})\n\n{b}"}
    assert read(docs, mapping)[0][0] == f"On lamps (3)\n\n{docs[0]['b']}"
    extras = mapped(docs, PAIR | mapping)["records"]["extras"][0]
    assert "gives light" not in extras
    assert json.loads(extras)["b"] == {"$prompt": [14, 14 + len(docs[0]["b"])]}


@pytest.mark.parametrize("wrap", [lambda said: said, json.dumps, lambda said: json.dumps(said, separators=(",", ":"))])
@pytest.mark.parametrize("shape", [("role", "content", "user", "assistant"), ("from", "value", "human", "gpt")])
def test_message_lists_in_any_spelling_are_the_same_conversation(wrap, shape):
    role, content, person, machine = shape
    said = [{role: "system", content: "Be brief, be kind, and tell no lies to anybody."},
            {role: person, content: "Hello there, how are you doing today, my friend?"},
            {role: machine, content: "Hello!"}, {role: person, content: "Why is the sky blue?"}]  # fmt: skip
    docs = [
        {"p": wrap(said), "x": wrap([{role: machine, content: "Light."}]), "y": wrap({role: machine, content: "!"})}
    ]
    text = "user: Hello there, how are you doing today, my friend?\n\nassistant: Hello!\n\nuser: Why is the sky blue?"
    found = read(docs, {"prompt": {"messages": "p"}})
    assert found == read(docs, {"prompt": "p"})
    assert found[0][0] == text
    assert [turn["role"] for turn in found[0][1]] == ["user", "assistant", "user"]
    assert found[0][2:] == ("Be brief, be kind, and tell no lies to anybody.", ["Light.", "!"])
    extras = mapped(docs, PAIR | {"prompt": "p"})["records"]["extras"][0]
    assert "tell no lies" not in extras


def test_responses_that_repeat_the_prompt_lose_it():
    answers = [{"role": "assistant", "content": text} for text in ("Light scatters.", "It is not.")]
    docs = [
        {"p": ASKED, "x": [*ASKED, answers[0]], "y": [answers[1]]},
        {"p": ASKED[0]["content"], "x": [*ASKED, answers[0]], "y": "It is not."},
        {"p": "why is the sky blue", "x": [*ASKED, answers[0]], "y": [{"role": "system", "content": "!"}, answers[1]]},
    ]
    assert [said[3] for said in read(docs, {"prompt": "p"})] == [["Light scatters.", "It is not."]] * 3


def test_a_response_of_several_turns_is_written_with_roles():
    turns = [
        {"role": "assistant", "content": "A"},
        {"role": "user", "content": "B"},
        {"role": "assistant", "content": "C"},
    ]
    assert read([{"p": "?", "x": turns, "y": "D"}], {"prompt": "p"})[0][3] == [
        "assistant: A\n\nuser: B\n\nassistant: C", "D",
    ]  # fmt: skip


def test_parts_of_a_message_give_their_texts():
    parts = [{"type": "image"}, {"type": "text", "text": "What is this?"}, {"type": "text", "text": "Say."}]
    docs = [{"p": [{"role": "user", "content": parts}], "x": "1", "y": "2"}]
    assert read(docs, {"prompt": "p"})[0][0] == "What is this?\nSay."


def test_bare_turns_in_a_list_are_the_users():
    docs = [{"p": '["One?", "Two?"]', "x": '["1", "2"]', "y": ["3", "4"]}]
    prompt, messages, _, texts = read(docs, {"prompt": {"messages": "p"}})[0]
    assert prompt == "user: One?\n\nuser: Two?"
    assert [turn["role"] for turn in messages] == ["user", "user"]
    assert texts == ["1\n\n2", "3\n\n4"]


@pytest.mark.parametrize("text", ["[1, 2]", "{}", '{"a": 1}', "[not json", '["a"]', "{role: user}", "[]"])
def test_texts_that_only_look_like_messages_stay_texts(text):
    assert read([{"p": text, "x": text, "y": text + "!"}], {"prompt": "p"})[0][0] == text


def test_an_implicit_prompt_is_what_the_conversations_share():
    shared = [*ASKED, {"role": "assistant", "content": "Well."}, {"role": "user", "content": "Go on."}]
    ends = [[*shared, {"role": "assistant", "content": text}] for text in ("Light.", "Paint.")]
    found = read([{"x": ends[0], "y": ends[1]}, {"x": ends[0], "y": ends[0]}], {"prompt": {"implicit": True}})
    assert [(said[1], said[3]) for said in found] == [(shared, ["Light.", "Paint."]), (shared, ["Light.", "Light."])]


@pytest.mark.parametrize(
    ("sides", "prompt", "texts"),
    [
        (("The sky is blue.", "The sky is green."), "The sky is", [" blue.", " green."]),
        (("The sky is blue.", "The sky is black."), "The sky is", [" blue.", " black."]),
        (("Yes", "No"), "", ["Yes", "No"]),
        (("Same.", "Same."), "", ["Same.", "Same."]),
        (("One two", "One two three"), "One", [" two", " two three"]),
    ],
)
def test_an_implicit_prompt_of_texts_ends_between_words(sides, prompt, texts):
    found = read([dict(zip("xy", sides, strict=True))], {"prompt": {"implicit": True}})
    assert (found[0][0], found[0][3]) == (prompt, texts)


def test_no_prompt_at_all_is_an_empty_one():
    assert read([{"x": "a poem", "y": "another"}], {}) == [("", [], None, ["a poem", "another"])]


def test_the_system_text_has_its_own_column():
    docs = [{"s": "Be kind.", "p": "?", "x": "1", "y": "2"}, {"s": None, "p": "?", "x": "1", "y": "2"}]
    assert [said[2] for said in read(docs, {"prompt": "p", "system": "s"})] == ["Be kind.", None]


HH = "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Why?\n\nAssistant:"


@pytest.mark.parametrize(
    ("x", "y", "prompt", "texts"),
    [
        (HH + " So.", HH + " Thus.", "user: Hi\n\nassistant: Hello.\n\nuser: Why?", ["So.", "Thus."]),
        (HH + " So.\n\nAssistant: And so.", HH + "", "user: Hi\n\nassistant: Hello.\n\nuser: Why?",
         ["assistant: So.\n\nassistant: And so.", ""]),
        ("\n\nHuman: Hi\n\nAssistant: A", "\n\nHuman: Hi\n\nAssistant: B\n\nHuman: ?\n\nAssistant: C", "Hi",
         ["A", "assistant: B\n\nuser: ?\n\nassistant: C"]),
        ("Human: Hi\n\nAssistant:A ", "Human: Hi\n\nAssistant: B", "Hi", ["A ", "B"]),
        ("## Human:\nHi\n\n\n\n## Assistant:\n A", "## Human:\nHi\n\n\n\n## Assistant:\nB", "Hi\n\n", [" A", "B"]),
    ],
)  # fmt: skip
def test_transcripts_are_cut_after_the_last_shared_turn_of_the_user(x, y, prompt, texts):
    found = read([{"x": x, "y": y}], {"prompt": {"transcript": "dsp"}})
    assert (found[0][0], found[0][3]) == (prompt, texts)


def test_hh_transcripts_leave_nothing_over():
    facts = mapped([{"x": HH + " So.", "y": HH + " Thus."}], PAIR | {"prompt": {"transcript": "hh"}})
    assert facts["records"]["extras"].to_list() == [None]


def test_transcripts_without_a_shared_turn_are_set_aside():
    docs = [
        {"x": "\n\nHuman: Hi\n\nAssistant: A", "y": "\n\nHuman: Ho\n\nAssistant: A"},
        {"x": "A letter.", "y": HH},
        {"x": "\n\nAssistant: A", "y": "\n\nAssistant: A"},
    ]
    facts = mapped(docs, PAIR | {"prompt": {"transcript": "hh"}})
    assert reasons(facts) == dict.fromkeys((1, 2, 3), "wrong_type")
    assert "share no turn of a user" in facts["quarantine"]["detail"][0]
    assert "'x' is str 'A letter.'" in facts["quarantine"]["detail"][1]


def test_a_single_transcript_keeps_its_last_answer():
    ingest = ingest_by({"prompt": {"transcript": "hh"}, "responses": ["x"]})
    facts = facts_of(ingest, [{"x": HH + " So."}])
    assert facts["responses"]["text"].to_list() == ["So."]
    assert_nothing_is_lost(ingest, facts, [{"x": HH + " So."}])
