"""Scores of vectors, by hand and by what was published."""

import numpy as np
import pytest

from tasks.embed.image_text.safety import CATEGORIES, PROMPTS, SAFE, safety_scores
from tasks.embed.image_text.scores import clip_score, f_clip_score, row_cosines


def rows(*numbers):
    return np.array(numbers, np.float32)


def test_cosines_are_of_rows():
    one = rows([1, 0], [3, 4], [0, 0], [2, 0])
    other = rows([1, 0], [4, -3], [1, 0], [-5, 0])
    assert row_cosines(one, other).tolist() == [1, 0, 0, -1]


def test_a_clip_score_is_never_negative():
    assert clip_score(rows([1, 0], [1, 0], [3, 4]), rows([1, 0], [-1, 0], [1, 0])) == pytest.approx([2.5, 0, 1.5])


def test_the_published_example_of_f_clip_score():
    found = f_clip_score(np.array([-4.444122e-4, 0.0]), np.array([0.524597, 0.3]))
    assert found == pytest.approx([-3.511573e-4, 0], rel=1e-6)


def test_a_picture_of_one_kind_of_harm_is_told_apart_from_others():
    """Every category, and what is safe, lies in a direction of its own."""
    vectors = np.repeat(np.eye(1 + len(CATEGORIES)), [len(SAFE), *map(len, CATEGORIES.values())], axis=0)
    seen = np.eye(1 + len(CATEGORIES))[:3]
    found = safety_scores(seen.astype(np.float32), vectors.astype(np.float32), 10.0)
    assert found.columns == list(CATEGORIES)
    assert found.height == 3
    expected = np.full((3, len(CATEGORIES)), 0.5)
    expected[0] = 1 / (1 + np.exp(10))
    expected[1, 0] = expected[2, 1] = 1 / (1 + np.exp(-10))
    assert found.to_numpy() == pytest.approx(expected)


def test_shares_stay_numbers_at_any_scale():
    vectors = np.tile(rows([1, 0]), (len(PROMPTS), 1))
    vectors[: len(SAFE)] = [0, 1]
    found = safety_scores(rows([1, 0], [0, 1]), vectors, 1e6).to_numpy()
    assert found[0].tolist() == [1.0] * len(CATEGORIES)
    assert found[1].tolist() == [0.0] * len(CATEGORIES)


def test_there_are_twelve_categories_and_no_sentence_twice():
    assert len(CATEGORIES) == 12
    assert len(set(PROMPTS)) == len(PROMPTS)
