import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.shingles import jaccard as module
from tasks.shingles.jaccard import jaccard, take, together
from tasks.shingles.tokens import shingles
from tests.tasks.shingles import plain

TEXTS = st.lists(st.text("abc ", max_size=30), min_size=1, max_size=6)


@given(TEXTS, st.integers(1, 3))
def test_similarity_is_that_of_the_sets(texts, ngram):
    cut = shingles(pl.Series(texts), ngram)
    sets = [plain.shingles(text, ngram) for text in texts]
    i, j = np.indices((len(texts), len(texts))).reshape(2, -1)
    wanted = [plain.jaccard(sets[a], sets[b]) for a, b in zip(i, j, strict=True)]
    assert np.allclose(jaccard(cut, i, j), wanted)


@given(TEXTS)
def test_chunks_do_not_show(texts):
    cut = shingles(pl.Series(texts), 2)
    i, j = np.indices((len(texts), len(texts))).reshape(2, -1)
    whole = jaccard(cut, i, j)
    pairs, module._PAIRS = module._PAIRS, 3
    try:
        assert (jaccard(cut, i, j) == whole).all()
    finally:
        module._PAIRS = pairs


@given(TEXTS, TEXTS)
def test_together_is_the_union(left, right):
    rows = min(len(left), len(right))
    parts = [shingles(pl.Series(texts[:rows]), 2) for texts in (left, right)]
    both = together(*parts)
    for row in range(rows):
        wanted = set().union(*(set(take(part, np.array([row])).hashes.tolist()) for part in parts))
        assert set(take(both, np.array([row])).hashes.tolist()) == wanted
