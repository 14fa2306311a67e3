"""The near copies of the demo: as near as the truth says, by another plain way, and on the right side of the threshold."""

import itertools

import numpy as np
import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.text import normalise
from tasks.demo import similarity
from tasks.demo.grammar import scenes
from tasks.demo.planted import cjk, near
from tasks.demo.planted.edits import BELOW, NEAR, add_particle, misspell
from tasks.demo.text import CJK_FILE, NEAR_FILE, generate
from tasks.demo.words.chinese import CHINESE
from tasks.demo.words.japanese import JAPANESE
from tests.tasks.shingles import plain

SIDES = ("prompt", "chosen", "rejected")
TEXT = "Rinse the grains until the water runs clear."


def rows_of(demo):
    lines = [line for file in (NEAR_FILE, CJK_FILE) for line in demo.files[file].splitlines()]
    return {row["id"]: row for row in map(orjson.loads, lines)}


def sets_of(row):
    return [plain.shingles(text, 5) for text in normalise(pl.Series([row[side] for side in SIDES]))]


def likeness(one, two):
    first, second = sets_of(one), sets_of(two)
    return min(plain.jaccard(set().union(*first[at:]), set().union(*second[at:])) for at in (0, 1))


@pytest.fixture(scope="module")
def demo():
    return generate(seed=3, size=500)


def planted(demo, *kinds):
    return demo.truth.filter(pl.col("kind").is_in(kinds)).to_dicts()


def test_the_truth_is_that_of_another_plain_way(demo):
    rows = rows_of(demo)
    couples = planted(demo, "near_duplicate", "near_contradiction", "lookalike", "cjk_near", "cjk_lookalike")
    assert len(couples) > 50
    for told in couples:
        assert told["score"] == likeness(*[rows[key] for key in told["keys"]])
    for told in planted(demo, "near_prompt"):
        one, two = (sets_of(rows[key])[0] for key in told["keys"])
        assert told["score"] == plain.jaccard(one, two)
    for told in planted(demo, "near_outvoted"):
        first, *others = (rows[key] for key in told["keys"])
        assert told["score"] == min(likeness(first, other) for other in others)


def test_near_is_above_the_threshold_and_alike_is_below(demo):
    near_ones = planted(demo, "near_duplicate", "near_contradiction", "near_outvoted", "cjk_near", "cjk_contradiction")
    assert all(NEAR[0] <= told["score"] < NEAR[1] for told in near_ones)
    alike = planted(demo, "lookalike", "cjk_lookalike")
    assert all(BELOW[0] <= told["score"] < BELOW[1] for told in alike)
    rows = rows_of(demo)
    for told in alike:
        one, two = (sets_of(rows[key])[0] for key in told["keys"])
        assert plain.jaccard(one, two) < BELOW[1]
    assert all(NEAR[0] <= told["score"] < 1 for told in planted(demo, "near_prompt"))


def test_contradictions_have_their_answers_exchanged(demo):
    rows = rows_of(demo)
    for told in planted(demo, "near_contradiction", "cjk_contradiction"):
        one, two = (rows[key] for key in told["keys"])
        straight = plain.jaccard(sets_of(one)[1], sets_of(two)[1])
        crossed = plain.jaccard(sets_of(one)[1], sets_of(two)[2])
        assert crossed > straight


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_disguise_in_chinese_or_japanese_hides_nothing_from_the_normal_form(seed):
    rows = cjk.cjk_disguised(scenes(seed, 11)[:8]).rows
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        one, two = ([row[side] for side in SIDES] for row in (first, second))
        assert one != two
        assert normalise(pl.Series(one)).equals(normalise(pl.Series(two)))


@pytest.mark.parametrize("language", [CHINESE, JAPANESE])
def test_languages_have_eleven_words_of_each_kind_and_no_two_rows_are_near(language):
    lists = [language.tasks, language.limits, language.roles, language.places, language.forms]
    assert [len(set(words)) for words in lists] == [11] * 5
    world = scenes(1, 11)
    assert len(set(world)) == 11**3
    rows = [language.row(str(at), scene) for at, scene in enumerate(world[:200])]
    sets = [[similarity.shingles(row[side]) for side in SIDES] for row in rows]
    answers, questions = [two | three for _, two, three in sets], [one for one, *_ in sets]
    for compared in (answers, questions):
        assert max(similarity.jaccard(*two) for two in itertools.combinations(compared, 2)) < 0.75


def test_the_edits_change_little():
    rng = np.random.default_rng(1)
    changed = misspell(TEXT, rng)
    assert sorted(changed) == sorted(TEXT)
    assert sum(one != two for one, two in zip(changed, TEXT, strict=True)) == 2
    assert add_particle("吧")("做完以后休息一下。", rng) == "做完以后休息一下吧。"


def test_a_question_asked_politely_is_answered_differently():
    rows = near.near_prompt(scenes(1)[:10]).rows
    for one, two in zip(rows[::2], rows[1::2], strict=True):
        assert likeness(one, two) < 0.7
