"""The benchmark of the demo and the rows that leak from it, or do not."""

import itertools

import orjson
import polars as pl
import pytest

from schemas.text import normalise
from tasks.demo.grammar import asked_in_benchmark, follow_up, prompt, scenes
from tasks.demo.text import BENCHMARK_FILE, LEAKS_FILE, generate
from tests.tasks.shingles import plain

WORLD = scenes(seed=1)


@pytest.fixture(scope="module")
def demo():
    return generate(seed=3, size=500)


def leaked(demo, kind):
    rows = {row["id"]: row for row in map(orjson.loads, demo.files[LEAKS_FILE].splitlines())}
    told = demo.truth.filter(kind=kind).select("keys", "score").rows()
    assert told
    return [([said["content"] for said in rows[key]["messages"]], score) for (key,), score in told]


def normal(text):
    return normalise(pl.Series([text]))[0]


@pytest.fixture(scope="module")
def questions(demo):
    return [normal(orjson.loads(line)["question"]) for line in demo.files[BENCHMARK_FILE].splitlines()]


def share(question, text):
    asked = plain.shingles(question, 8)
    return len(asked & plain.shingles(normal(text), 8)) / len(asked)


def test_equal_questions_are_in_capitals_or_a_later_turn(demo, questions):
    talks = [talk for talk, _ in leaked(demo, "leaked_equal")]
    assert {len(talk) for talk in talks} == {1, 3}
    assert all(normal(talk[-1]) in questions for talk in talks)


def test_near_questions_are_as_near_as_the_truth_says(demo, questions):
    sets = [plain.shingles(question, 5) for question in questions]
    for (asked,), score in leaked(demo, "leaked_near"):
        assert normal(asked) not in questions
        assert max(plain.jaccard(plain.shingles(normal(asked), 5), each) for each in sets) == score >= 0.8


@pytest.mark.parametrize(("kind", "low", "high"), [("leaked_contained", 0.5, 1.0), ("common_phrase", 0.01, 0.4)])
def test_contained_questions_are_contained_as_far_as_the_truth_says(demo, questions, kind, low, high):
    sets = [plain.shingles(question, 5) for question in questions]
    for (asked,), score in leaked(demo, kind):
        assert max(share(question, asked) for question in questions) == score
        assert low <= score <= high
        assert max(plain.jaccard(plain.shingles(normal(asked), 5), each) for each in sets) < 0.8


def test_a_benchmark_has_no_eight_words_in_common_with_the_rows():
    asked = set().union(*[plain.shingles(normal(asked_in_benchmark(scene)), 8) for scene in WORLD[:300]])
    for scene, depth in itertools.product(WORLD[:300], (1, 2)):
        for text in (prompt(scene), follow_up(scene, depth)):
            assert not asked & plain.shingles(normal(text), 8)
