"""One pair in every form of every target, and the reason of every pair that a trainer cannot use."""

from __future__ import annotations

import hashlib
from typing import get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.attached import ATTACHED
from schemas.plan.export import FORMS, Form
from schemas.tables import FACTS
from tasks.export.align_anything import AlignAnything
from tasks.export.llama_factory import LlamaFactory
from tasks.export.openrlhf import OpenRlhf
from tasks.export.safesora import SafeSora
from tasks.export.trl import Trl

TARGETS = {
    "trl": Trl, "align-anything": AlignAnything, "llama-factory": LlamaFactory, "openrlhf": OpenRlhf,
    "safesora": SafeSora,
}  # fmt: skip
EVERY = [(target, form) for target, forms in FORMS.items() for form in forms if target != "safesora"]
RECORDS = pl.Schema(FACTS["records"])
SCHEMA = pl.Schema(
    dict.fromkeys(("pair_id", "source", "dimension", "prompt", "chosen", "rejected", "split", "license"), pl.String)
    | dict.fromkeys(("prompt_media", "chosen_media", "rejected_media"), pl.List(ATTACHED))
    | dict.fromkeys(("system", "pair_key", "prompt_key", "chosen_id", "rejected_id"), pl.String)
    | dict.fromkeys(("prompt_type", "chosen_generator", "rejected_generator"), pl.String)
    | dict.fromkeys(("chosen_is_safe", "rejected_is_safe"), pl.Boolean)
    | {"opinions": pl.List(pl.Struct(dict.fromkeys(("pair_id", "dimension", "chosen_id"), pl.String)))}
    | {"margin": pl.Float64, "tie": pl.Boolean, "commercial_ok": pl.Boolean, "is_repeated": pl.Boolean}
    | {"prompt_messages": RECORDS["prompt_messages"]}
)


def message(role, content):
    return {"role": role, "content": content}


def user(content):
    return message("user", content)


def assistant(content):
    return message("assistant", content)


def pair(name="p1", prompt="Why?", *, turns=None, **more):
    said = {
        "pair_id": name, "source": "s", "dimension": "overall", "prompt": prompt, "chosen": "Because.",
        "rejected": "No.", "split": "train", "license": "MIT", "prompt_media": [], "chosen_media": [],
        "rejected_media": [], "prompt_key": "k" * 32, "system": None, "margin": 0.5, "tie": False, "commercial_ok": True, "is_repeated": False,
        "prompt_messages": [user(prompt)] if turns is None else turns,
    }  # fmt: skip
    return said | more


def medium(kind, name="m", *, is_there=True):
    ending = {"image": ".png", "audio": ".wav", "video": ".mp4"}[kind]
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return {
        "media_id": sha256[:32], "sha256": sha256, "modality": kind, "name": sha256[:32] + ending, "bytes": 5,
        "is_there": is_there,
    }  # fmt: skip


def shaped(target, form, *pairs, **settings):
    return TARGETS[target](form=form, **settings)(pl.DataFrame(list(pairs), schema=SCHEMA))


def all_rows(found):
    """The rows of all tables together."""
    return pl.concat([table.rows for table in found.tables], how="diagonal") if found.tables else pl.DataFrame()


def rows(target, form, *pairs, **settings):
    """The rows without what only says where they came from."""
    origin = {"pair_id", "source", "dimension", "license", "split"}
    found = all_rows(shaped(target, form, *pairs, **settings)).to_dicts()
    return [{name: value for name, value in row.items() if name not in origin} for row in found]


CHOSEN, REJECTED = [assistant("Because.")], [assistant("No.")]
GOLDEN = {
    ("trl", "preference"): [{"prompt": [user("Why?")], "chosen": CHOSEN, "rejected": REJECTED, "margin": 0.5}],
    ("trl", "implicit"): [
        {"chosen": [user("Why?"), *CHOSEN], "rejected": [user("Why?"), *REJECTED], "margin": 0.5}
    ],
    ("trl", "unpaired"): [
        {"prompt": [user("Why?")], "completion": CHOSEN, "label": True},
        {"prompt": [user("Why?")], "completion": REJECTED, "label": False},
    ],
    ("trl", "prompt-only"): [{"prompt": [user("Why?")]}],
    ("openrlhf", "preference"): [{"prompt": [user("Why?")], "chosen": CHOSEN, "rejected": REJECTED, "margin": 0.5}],
    ("openrlhf", "implicit"): [
        {"chosen": [user("Why?"), *CHOSEN], "rejected": [user("Why?"), *REJECTED], "margin": 0.5}
    ],
    ("openrlhf", "prompt-only"): [{"input": [user("Why?")]}],
    ("llama-factory", "preference"): [
        {
            "conversations": [{"from": "human", "value": "Why?"}], "system": "",
            "chosen": {"from": "gpt", "value": "Because."}, "rejected": {"from": "gpt", "value": "No."},
        }
    ],
    ("llama-factory", "unpaired"): [
        {
            "conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": answer}],
            "system": "", "kto_tag": is_good,
        }
        for answer, is_good in (("Because.", True), ("No.", False))
    ],
    ("align-anything", "preference"): [
        {"prompt": "Why?", "response_0": "No.", "response_1": "Because.", "better_response_id": 1}
    ],
    ("align-anything", "prompt-only"): [{"prompt": "Why?"}],
}  # fmt: skip


@pytest.mark.parametrize(("target", "form"), EVERY)
def test_a_pair_becomes_these_rows(target, form):
    assert rows(target, form, pair()) == GOLDEN[target, form]


def test_there_is_a_golden_row_for_every_form():
    assert GOLDEN.keys() == set(EVERY)
    assert {form for _, form in EVERY} == set(get_args(Form))


@pytest.mark.parametrize(("target", "form"), EVERY)
def test_every_row_says_where_it_came_from(target, form):
    found = all_rows(shaped(target, form, pair(license=None))).select(
        "pair_id", "source", "dimension", "license", "split"
    )
    assert set(found.rows()) == {("p1", "s", "overall", "unknown", "train")}


def test_a_conversation_keeps_its_turns_and_its_system_message():
    turns = [user("One?"), assistant("Two."), user("Three?")]
    talk = pair(prompt="…", turns=turns, system="Be brief.")
    (row,) = rows("trl", "preference", talk)
    assert row["prompt"] == [message("system", "Be brief."), *turns]
    (row,) = rows("llama-factory", "preference", talk)
    assert row["system"] == "Be brief."
    assert [each["from"] for each in row["conversations"]] == ["human", "gpt", "human"]
    (row,) = rows("align-anything", "preference", talk)
    assert row["prompt"] == "system: Be brief.\n\nuser: One?\n\nassistant: Two.\n\nuser: Three?"


def test_a_system_message_among_the_turns_is_not_lost():
    talk = pair(turns=[message("system", "Be brief."), user("Why?")])
    (row,) = rows("llama-factory", "preference", talk)
    assert (row["system"], row["conversations"]) == ("Be brief.", [{"from": "human", "value": "Why?"}])


def test_systems_and_plain_prompts_in_one_batch_stay_apart():
    first, second = rows("trl", "preference", pair("a", system="Be brief."), pair("b"))
    assert [len(row["prompt"]) for row in (first, second)] == [2, 1]


REASONS = {
    "no_winner": [pair(tie=True), pair(tie=None)],
    "not_text": [pair(chosen_media=[medium("image")], chosen=None), pair(rejected_media=[medium("video")])],
    "empty_side": [pair(chosen=" \n"), pair(rejected=None)],
    "empty_prompt": [pair(prompt=""), pair(prompt=None, turns=[])],
    "unsupported_turns": [
        pair(turns=[user("a"), user("b")]), pair(turns=[user("a"), assistant("b")]), pair(turns=[]),
        pair(turns=[message("narrator", "a"), user("b")]), pair(turns=[user(None)]), pair(turns=[message(None, "a")]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("target", ["trl", "openrlhf", "llama-factory"])
@pytest.mark.parametrize("reason", REASONS)
def test_what_a_trainer_cannot_use_is_left_out_with_its_reason(target, reason):
    for each in REASONS[reason]:
        found = shaped(target, "preference", each)
        assert all_rows(found).is_empty()
        assert found.left_out.rows() == [("p1", "train", reason)]


def test_prompts_alone_come_once():
    found = shaped("trl", "prompt-only", pair("a"), pair("b", is_repeated=True))
    assert all_rows(found)["pair_id"].to_list() == ["a"]
    assert found.left_out.rows() == [("b", "train", "repeated_prompt")]


def test_prompts_alone_ask_nothing_of_the_answers():
    assert len(rows("trl", "prompt-only", pair(tie=True, chosen=""))) == 1


def test_whole_conversations_need_no_prompt():
    (row,) = rows("trl", "implicit", pair(prompt=""))
    assert row["chosen"] == [assistant("Because.")]


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_an_unknown_margin_is_none_at_all(unknown):
    assert rows("trl", "preference", pair(margin=unknown))[0]["margin"] == 0.0


def test_the_first_response_says_nothing_about_the_winner():
    ids = [f"{n:032x}" for n in range(400)]
    found = shaped("align-anything", "preference", *[pair(name) for name in ids]).tables[0].rows
    swapped = [pair(n, chosen="No.", rejected="Because.") for n in ids]
    mirrored = shaped("align-anything", "preference", *swapped).tables[0].rows
    assert 0.4 < found["better_response_id"].mean() < 0.6
    assert found["better_response_id"].equals(mirrored["better_response_id"])


def test_chosen_answers_come_before_rejected_ones():
    labels = shaped("trl", "unpaired", pair("a"), pair("b")).tables[0].rows.select("pair_id", "label").rows()
    assert labels == [("a", True), ("b", True), ("a", False), ("b", False)]


messages = st.builds(message, st.sampled_from(["user", "assistant", "system", "x"]), st.sampled_from(["a", "", None]))
kinds = st.sampled_from(["image", "audio", "video"])
pairs = st.lists(
    st.fixed_dictionaries(
        {
            "prompt": st.sampled_from(["p", "", None]),
            "chosen": st.sampled_from(["c", " ", None]),
            "rejected": st.sampled_from(["r", None]),
            "tie": st.sampled_from([True, False, None]),
            "margin": st.sampled_from([0.0, 1.0, None]),
            "system": st.sampled_from([None, "s"]),
            "split": st.sampled_from(["train", "test"]),
            "turns": st.none() | st.lists(messages, max_size=3),
            "is_repeated": st.booleans(),
            "prompt_media": st.lists(
                st.builds(medium, kinds, st.sampled_from("mn"), is_there=st.booleans()), max_size=2
            ),
            "chosen_media": st.lists(st.builds(medium, kinds, is_there=st.booleans()), max_size=1),
        }
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(pairs, st.sampled_from(EVERY), st.booleans())
def test_every_pair_gives_rows_or_has_a_reason(drafts, asked, with_media):
    given_pairs = [pair(f"p{at}", **draft) for at, draft in enumerate(drafts)]
    found = shaped(*asked, *given_pairs, with_media=with_media)
    times = 2 if asked[1] == "unpaired" else 1
    shown = [name for table in found.tables for name in table.rows["pair_id"]]
    assert sorted(shown) == sorted(found.used["pair_id"].to_list() * times)
    assert sorted([*found.used["pair_id"], *found.left_out["pair_id"]]) == sorted(p["pair_id"] for p in given_pairs)
    splits = {each["pair_id"]: each["split"] for each in given_pairs}
    assert all(
        splits[name] == split for table in found.tables for name, split in table.rows.select("pair_id", "split").rows()
    )
    for each in given_pairs:
        if asked[1] != "prompt-only" and each["tie"] is not False:
            assert each["pair_id"] not in shown
