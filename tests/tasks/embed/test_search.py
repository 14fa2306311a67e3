"""The search by blocks against the plain way: everything at or above the threshold is found, however it is cut."""

import numpy as np
import polars as pl
import pytest

from tasks.embed import clusters, search, stored, twins
from tasks.embed.clusters import cluster
from tasks.embed.search import cosines
from tasks.embed.stored import Stored
from tasks.embed.twins import Twins
from tests.tasks.small_world import embeddings

DIM = 12


def planted(rng, count, dim=DIM):
    """Vectors of which each has a copy that is more or less like it."""
    first = rng.normal(size=(count, dim))
    second = first + rng.normal(size=(count, dim)) * np.linspace(0.02, 0.6, count)[:, None]
    both = np.concatenate([first, second])
    return (both / np.linalg.norm(both, axis=1, keepdims=True)).astype(np.float32)


def named(vectors):
    return {f"word {at}": vector.tolist() for at, vector in enumerate(vectors)}


def world(prompts, sides=(), numbers=()):
    """The tables that twins are found by: texts are their own keys, and have no numbers but those that are given."""
    said = sorted({text for side in sides for text in (side[3], side[4])})
    content = dict(zip(prompts, embeddings(prompts)["content_id"][1::2], strict=True))
    kinds = [*[("prompt", text) for text in prompts], *[("response", text) for text in said]]
    texts = [(kind, text, content[text], True, dict(numbers).get(text, "")) for kind, text in kinds]
    return (
        pl.LazyFrame(texts, schema=["kind", "key", "content_id", "has_words", "numbers"], orient="row"),
        pl.LazyFrame(list(sides), schema=dict.fromkeys(["key", "system", "prompt", "left", "right"], pl.String), orient="row"),
    )  # fmt: skip


def find(prompts, sides=(), threshold=0.9, exact_to=10**6, cut=(), numbers=()):
    texts, pairs = world(prompts, sides, numbers)
    return Twins(model="m", threshold=threshold, exact_to=exact_to)(texts, pairs, embeddings(prompts, cut=cut).lazy())


def plain(prompts, threshold):
    names, told = sorted(prompts), {}
    for at, a in enumerate(names):
        for b in names[at + 1 :]:
            one, two = (np.array(prompts[name], np.float32).astype(np.float64) for name in (a, b))
            score = one @ two / np.sqrt((one @ one) * (two @ two))
            if round(score, 6) >= threshold:
                told[a, b] = score
    return told


@pytest.mark.parametrize("threshold", [0.7, 0.9, 0.99])
def test_every_twin_is_found_and_nothing_else(threshold):
    prompts = named(planted(np.random.default_rng(1), 80))
    found = find(prompts, threshold=threshold)["_prompt_twins"]
    wanted = plain(prompts, threshold)
    assert {(a, b): score for a, b, score in found.rows()} == pytest.approx(wanted, abs=1e-6)
    assert len(wanted) > 5


def test_blocks_do_not_show(monkeypatch):
    prompts = named(planted(np.random.default_rng(2), 80))
    whole = find(prompts)["_prompt_twins"]
    monkeypatch.setattr(search, "_ROWS", 7)
    monkeypatch.setattr(search, "_COLUMNS", 11)
    monkeypatch.setattr(stored, "_ROWS", 13)
    assert whole.height > 20
    assert find(prompts)["_prompt_twins"].equals(whole)


def test_of_a_crowd_each_is_told_with_the_first_and_with_some_of_the_nearest(monkeypatch):
    monkeypatch.setattr(search, "MOST", 3)
    monkeypatch.setattr(search, "_ROWS", 5)
    monkeypatch.setattr(search, "_COLUMNS", 8)
    angles = np.linspace(0.0, 0.1, 40)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    i, j = search.search(vectors, np.arange(40)[:, None], 0.9)
    told = set(zip(i.tolist(), j.tolist(), strict=True))
    heads = {(0, at) for at in range(1, 40)}
    nearest = {(at, at + step) for at in range(40) for step in (1, 2, 3) if at + step < 40}
    assert told == heads | nearest


def test_what_single_precision_cannot_tell_is_decided_in_double():
    angle = np.arccos(0.9)
    on, below = (np.array([[1, 0], [np.cos(a), np.sin(a)]], np.float32) for a in (angle, angle + 1e-4))
    assert find(named(on))["_prompt_twins"]["score"].to_list() == [0.9]
    assert find(named(below))["_prompt_twins"].is_empty()


def test_a_cosine_is_the_same_whatever_is_computed_with_it():
    vectors = np.random.default_rng(3).normal(size=(50, 384)).astype(np.float32)
    one, two = np.arange(49), np.arange(1, 50)
    whole = cosines(vectors, one, two)
    assert [cosines(vectors, one[at : at + 1], two[at : at + 1])[0] for at in range(49)] == whole.tolist()


def test_texts_that_were_read_in_part_or_say_nothing_have_no_twins():
    prompts = {"one": [1.0, 0.0], "two": [1.0, 0.0], "three": [1.0, 0.0]}
    told = find(prompts, cut=["two"])["_prompt_twins"]
    assert told.select("a", "b").rows() == [("one", "three")]
    texts, sides = world(prompts)
    silent = texts.with_columns(has_words=pl.col("key") != "three")
    none = Twins(model="m", threshold=0.9, exact_to=9)(silent, sides, embeddings(prompts, cut=["two"]).lazy())
    assert none["_prompt_twins"].is_empty()


def test_clusters_miss_little_and_make_nothing_up(monkeypatch):
    monkeypatch.setattr(twins, "_AT_ONCE", 300)
    monkeypatch.setattr(clusters, "_ROWS", 100)
    rng = np.random.default_rng(4)
    prompts = named(planted(rng, 600, 32))
    exact, clustered = (find(prompts, exact_to=most)["_prompt_twins"] for most in (10**6, 1))
    assert clustered.join(exact, on=["a", "b", "score"]).height == clustered.height
    assert clustered.height >= 0.97 * exact.height > 200


def test_clusters_do_not_hang_on_the_order_in_which_vectors_lie():
    prompts = named(planted(np.random.default_rng(5), 100))
    table = embeddings(prompts)
    ids = table["content_id"][1::2].sort()
    first, second = (cluster(ids, Stored(each.lazy())) for each in (table, table.sort("content_id", descending=True)))
    assert first.sort(first.columns).equals(second.sort(first.columns))
    assert set(first.group_by("content_id").len()["len"]) == {4}


def angled(**degrees):
    return {name: [np.cos(np.radians(a)), np.sin(np.radians(a))] for name, a in degrees.items()}


# With a threshold of 0.95 twins are at most 18 degrees apart.
TEXTS = angled(asked=0, asked_too=10, other=90, yes=0, yes_too=5, no=60, no_too=62, maybe=30)


def pair(key, prompt, left, right, system="s"):
    return (key, system, prompt, left, right)


@pytest.mark.parametrize(("second", "told"), [
    (pair("2", "asked_too", "yes_too", "no_too"), (0.984808, True)),
    (pair("2", "asked_too", "no_too", "yes_too"), (0.984808, False)),
    (pair("2", "asked", "yes", "no"), (1.0, True)),
    (pair("2", "other", "yes_too", "no_too"), None),
    (pair("2", "asked_too", "yes_too", "maybe"), None),
    (pair("2", "asked_too", "yes_too", "no_too", system="t"), None),
])  # fmt: skip
def test_pairs_are_twins_if_the_prompts_and_both_responses_are(second, told):
    found = find(TEXTS, [pair("1", "asked", "yes", "no"), second], threshold=0.95)["_semantic"]
    assert found.select("score", "is_parallel").rows() == ([told] if told else [])


@pytest.mark.parametrize(("left", "right", "is_parallel"), [(0, 5.2, True), (5.1, 0.1, False), (2.5, 2.6, None)])
def test_which_way_round_is_told_only_if_it_is_clear(left, right, is_parallel):
    """All four responses are twins; in the last case neither way round is much nearer than the other."""
    texts = TEXTS | angled(left=left, right=right)
    found = find(texts, [pair("1", "asked", "yes", "yes_too"), pair("2", "asked", "left", "right")], threshold=0.95)
    assert found["_semantic"]["is_parallel"].to_list() == [is_parallel]


@pytest.mark.parametrize(("numbers", "count"), [
    ({}, 1),
    ({"asked": "6"}, 0),
    ({"asked": "6", "asked_too": "6"}, 1),
    ({"yes": "6"}, 0),
    ({"yes": "6", "no_too": "6"}, 0),
    ({"yes": "6", "no": "7", "yes_too": "6", "no_too": "7"}, 1),
])  # fmt: skip
def test_what_has_other_numbers_is_no_twin(numbers, count):
    sides = [pair("1", "asked", "yes", "no"), pair("2", "asked_too", "yes_too", "no_too")]
    assert find(TEXTS, sides, threshold=0.95, numbers=numbers)["_semantic"].height == count


def test_pairs_are_found_in_clusters_too():
    rng = np.random.default_rng(6)
    prompts = named(planted(rng, 60, 32))
    answers = {name.replace("word", "answer"): vector for name, vector in prompts.items()}
    sides = [pair(f"k{at:03}", f"word {at}", f"answer {at}", f"answer {(at + 7) % 120}") for at in range(120)]
    exact, clustered = (find(prompts | answers, sides, exact_to=most)["_semantic"] for most in (10**6, 1))
    assert exact.height > 20
    assert clustered.join(exact, on=exact.columns).height >= 0.97 * exact.height
