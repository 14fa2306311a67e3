"""The truth of the benchmarks against the definition, two texts at a time."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import bruteforce
from tests.tasks.shingles import plain

LINES = st.lists(st.text("ab 東.", max_size=40), min_size=1, max_size=8)


def all_pairs(texts, cut, threshold):
    sets = [set(zip(*[cut(text)[at:] for at in range(5)], strict=False)) for text in texts]
    for members, text in zip(sets, texts, strict=True):
        if not members and cut(text):
            members.add(tuple(cut(text)))
    scores = {(i, j): plain.jaccard(sets[i], sets[j]) for j in range(len(texts)) for i in range(j)}
    return {pair: score for pair, score in scores.items() if score >= threshold}


@given(LINES, st.sampled_from([0.2, 0.5, 0.8]), st.sampled_from([bruteforce.words, bruteforce.tokens]))
def test_every_pair_at_the_threshold_is_found_and_no_other(texts, threshold, cut):
    found = bruteforce.near(bruteforce.shingle_sets(texts, cut), threshold)
    assert {(i, j): score for i, j, score in found.rows()} == pytest.approx(all_pairs(texts, cut, threshold))


@given(LINES)
def test_tokens_are_the_plain_ones(texts):
    assert [bruteforce.tokens(text) for text in texts] == [plain.tokens(text.lower()) for text in texts]


@given(LINES)
def test_united_sets_have_the_members_of_both(texts):
    sets = bruteforce.shingle_sets(texts, bruteforce.tokens)
    order = pl.int_range(len(texts), eager=True).to_numpy()
    both = bruteforce.united(sets, [order, order[::-1]])
    for at in order:
        wanted = set(sets.filter(pl.col("text").is_in([at, len(texts) - 1 - at]))["shingle"])
        assert set(both.filter(pl.col("text") == at)["shingle"]) == wanted
