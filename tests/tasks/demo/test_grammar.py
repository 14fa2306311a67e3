import itertools

import polars as pl

from schemas.text import normalise
from tasks.demo import vocabulary
from tasks.demo.grammar import (
    PRIME,
    SCENES,
    VARIANTS,
    follow_up,
    good,
    good_follow_up,
    poor,
    poor_follow_up,
    prompt,
    scenes,
)

WORLD = scenes(seed=1)


def test_every_list_has_as_many_words_as_the_prime():
    lists = [vocabulary.LIMITS, vocabulary.ROLES, vocabulary.PLACES, vocabulary.FORMS]
    phrases = [task.phrase for task in vocabulary.TASKS]
    steps = [step for task in vocabulary.TASKS for step in task.steps]
    assert [len(set(words)) for words in [*lists, phrases]] == [PRIME] * 5
    assert len(set(steps)) == 4 * PRIME


def test_two_scenes_share_at_most_two_choices():
    assert len(set(WORLD)) == SCENES
    for slots in itertools.combinations(range(5), 3):
        assert len({tuple(scene[slot] for slot in slots) for scene in WORLD}) == SCENES


def test_no_two_texts_of_the_whole_world_are_the_same_in_normal_form():
    some = WORLD[::10]
    texts = [prompt(scene) for scene in some]
    texts += [write(scene, manner) for scene in some for manner in range(VARIANTS) for write in (good, poor)]
    texts += [write(scene, depth) for scene in some for depth in (1, 2) for write in (good_follow_up, poor_follow_up)]
    normal = normalise(pl.Series(texts))
    assert normal.n_unique() == len(texts)


def test_prompts_are_far_apart():
    words = [set(prompt(scene).split()) for scene in WORLD[:400]]
    closest = max(len(one & two) / len(one | two) for one, two in itertools.combinations(words, 2))
    assert closest < 0.7


def test_a_follow_up_asks_for_another_condition():
    for scene in WORLD[:50]:
        limit = vocabulary.LIMITS[scene.limit].phrase
        assert limit not in follow_up(scene, 1) + follow_up(scene, 2)
        assert follow_up(scene, 1) != follow_up(scene, 2)


def test_length_does_not_tell_good_from_poor():
    lengths = [(len(good(scene, at)), len(poor(scene, at // 5))) for at, scene in enumerate(WORLD[:500])]
    longer = sum(better > worse for better, worse in lengths) / len(lengths)
    assert 0.35 < longer < 0.65
