"""Records with planted twins, whose vectors are made by hand, through all operators: what becomes of them."""

import numpy as np
import pytest

from tests.tasks.small_world import curate, plan, record


def vectors_of(records, **degrees):
    """A direction for every text: the degrees that are named for it."""
    texts = {text for each in records for text in (each["prompt"], *each["answers"])}
    return {text: [np.cos(np.radians(degrees[text])), np.sin(np.radians(degrees[text]))] for text in texts}


# Twins, by a threshold of 0.95, are at most 18 degrees apart. The questions are far from the answers.
WORDS = " ".join(f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyzäöü")
DEGREES = {
    "question": 0, "inquiry": 10, "enigma": 20, "topic": 200,
    "yes": 90, "aye": 95, "yep": 100, "no": 150, "nay": 152, "nope": 154, "!!": 150,
}  # fmt: skip


def through(records, near=None, **said):
    world = plan(dedupe={"near": near, "semantic": said}, models={"text": {}})
    return curate(records, world, vectors=vectors_of(records, **DEGREES))


def fates(tables):
    return dict(tables["pairs"].select("record_id", "reason").rows())


def test_a_pair_that_means_the_same_goes_for_its_kept_partner():
    tables = through([
        record("x", "question", ["yes", "no"], ("a", None)),
        record("y", "inquiry", ["nay", "aye"], ("b", None)),
        record("z", "inquiry", ["aye", "yep"], ("a", None)),
    ])  # fmt: skip
    assert fates(tables) == {"x": None, "y": "semantic_duplicate", "z": None}
    ids = dict(tables["pairs"].select("record_id", "pair_id").rows())
    (told,) = tables["decisions"].filter(stage="semantic").to_dicts()
    assert (told["subject_id"], told["partner_id"], told["action"]) == (ids["y"], ids["x"], "drop")
    assert told["score"] == pytest.approx(np.cos(np.radians(10)), abs=1e-6)
    stars = tables["clusters"].filter(method="semantic").drop_nulls("partner_id")
    found = {(key, frozenset(ends)) for key, *ends in stars.select("key", "subject_id", "partner_id").rows()}
    assert found == {("prompt", frozenset("xy")), ("pair", frozenset((ids["x"], ids["y"])))}


@pytest.mark.parametrize(("policy", "reasons"), [
    ({}, {"x": None, "y": None}),
    ({"contradictions": "majority"}, {"x": None, "y": "outvoted"}),
    ({"contradictions": "drop"}, {"x": "contradictory", "y": "contradictory"}),
])  # fmt: skip
def test_opposite_answers_are_told_and_kept_unless_the_plan_says_otherwise(policy, reasons):
    tables = through(
        [
            record("x", "question", ["yes", "no"], ("a", "p"), ("a", "q")),
            record("y", "inquiry", ["aye", "nay"], ("b", None)),
        ],
        **policy,
    )
    assert fates(tables) == reasons
    (told,) = tables["contradictions"].to_dicts()
    assert (told["method"], told["votes_a"], told["votes_b"], told["settled"]) == ("semantic", 2.0, 1.0, "a")


def test_a_sum_of_other_numbers_is_another_question():
    sums = {"6 + 7?": 0, "7 + 7?": 1, "It is 13.": 90, "It is 14.": 91, "no": 150}
    records = [
        record("x", "6 + 7?", ["It is 13.", "no"], ("a", None)),
        record("y", "7 + 7?", ["It is 14.", "no"], ("a", None)),
        record("z", "7 + 7?", ["It is 13.", "no"], ("b", None)),
    ]
    world = plan(dedupe={"near": None, "semantic": {}}, models={"text": {}})
    tables = curate(records, world, vectors=vectors_of(records, **sums))
    assert tables["pairs"]["kept"].all()
    assert tables["contradictions"].is_empty()


def test_stars_and_no_chains():
    tables = through([
        record("x", "question", ["yes", "no"], ("a", None)),
        record("y", "inquiry", ["aye", "no"], ("a", None)),
        record("z", "enigma", ["yep", "no"], ("a", None)),
    ])  # fmt: skip
    assert fates(tables) == {"x": None, "y": "semantic_duplicate", "z": None}


def test_twins_of_prompts_share_a_split_unless_the_plan_unties_them():
    records = [
        record("x", "question", ["yes", "no"], ("a", None)),
        record("y", "inquiry", ["yep", "topic"], ("a", None)),
        record("z", "topic", ["yep", "nope"], ("a", None)),
    ]
    components = [dict(through(records, link=link)["pairs"].select("record_id", "component_id").rows()) for link in (True, False)]  # fmt: skip
    assert components[0]["x"] == components[0]["y"] != components[0]["z"]
    assert len(set(components[1].values())) == 3


def test_a_twin_of_evaluation_data_is_contaminated():
    tables = through([
        record("x", "question", ["yes", "no"], ("a", None)),
        record("e", "inquiry", ["yep", "topic"], ("a", None), evaluation_only=True),
    ])  # fmt: skip
    assert fates(tables) == {"x": "contaminated", "e": None}


def test_a_near_copy_of_a_semantic_twin_is_never_left_without_a_kept_partner():
    """y is a near copy of z, which is a twin of x and goes: y must not lean on z."""
    texts = {"question": 0, "inquiry": 10, f"{WORDS} yes": 90, f"{WORDS} aye": 99, "yep": 84, "no": 150}
    records = [
        record("x", "question", ["yep", "no"], ("a", None)),
        record("y", "inquiry", [f"{WORDS} aye", "no"], ("a", None)),
        record("z", "inquiry", [f"{WORDS} yes", "no"], ("a", None)),
    ]
    world = plan(dedupe={"semantic": {}}, models={"text": {}})
    tables = curate(records, world, vectors=vectors_of(records, **texts))
    assert tables["_near"].height == 1
    assert fates(tables) == {"x": None, "y": "semantic_duplicate", "z": "semantic_duplicate"}
    partners = (
        tables["decisions"].filter(subject="pair").join(tables["pairs"], left_on="partner_id", right_on="pair_id")
    )
    assert partners["kept"].all()
    assert partners.height == 2


def test_what_is_near_and_means_the_same_is_told_once_as_near():
    texts = {"question": 0, WORDS: 90, f"{WORDS} yes": 91, "no": 150}
    records = [record(name, "question", [answer, "no"], (vote, None))
               for name, answer, vote in (("x", WORDS, "a"), ("y", f"{WORDS} yes", "b"))]  # fmt: skip
    tables = curate(records, plan(dedupe={"semantic": {}}, models={"text": {}}), vectors=vectors_of(records, **texts))
    assert tables["_semantic"].height == tables["_near"].height == 1
    assert tables["contradictions"]["method"].to_list() == ["near"]


def test_answers_without_a_word_and_blank_prompts_have_no_twins():
    tables = through([
        record("x", "question", ["yes", "!!"], ("a", None)),
        record("y", "inquiry", ["aye", "no"], ("a", None)),
    ])  # fmt: skip
    assert tables["_semantic"].is_empty()
    blank = [record(name, "", [answer, "no"], ("a", None)) for name, answer in (("x", "yes"), ("y", "aye"))]
    vectors = vectors_of(blank, **DEGREES, **{"": 0})
    told = curate(blank, plan(dedupe={"near": None, "semantic": {}}, models={"text": {}}), vectors=vectors)
    assert told["_prompt_twins"].is_empty()
    assert told["_semantic"].is_empty()
