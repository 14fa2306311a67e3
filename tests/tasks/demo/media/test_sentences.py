import numpy as np

from tasks.demo.media.pictures import random_picture
from tasks.demo.media.sentences import ASKED, ask, random_sentence, words


def test_sentences_are_many_and_made_of_the_listed_words():
    chance = np.random.default_rng(0)
    said = [random_sentence(chance) for _ in range(500)]
    known = set(words())
    assert len(set(said)) > 350
    assert {word for sentence in said for word in sentence.split()} <= known
    assert 80 <= len(known) <= 150


def test_sentences_are_the_same_for_the_same_chance():
    one, other = (np.random.default_rng(3) for _ in range(2))
    assert [random_sentence(one) for _ in range(20)] == [random_sentence(other) for _ in range(20)]


def test_asking_keeps_the_caption_and_uses_listed_words():
    caption = random_picture(np.random.default_rng(0)).caption
    asked = {ask(caption, way) for way in range(len(ASKED))}
    assert len(asked) == len(ASKED)
    assert all(caption in said and set(said.split()) <= set(words()) for said in asked)
