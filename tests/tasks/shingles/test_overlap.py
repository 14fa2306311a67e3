import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.shingles.overlap import overlap
from tasks.shingles.tokens import shingles
from tests.tasks.shingles import plain

TEXTS = st.lists(st.text("abc ", max_size=20), min_size=1, max_size=5)


@given(TEXTS, TEXTS)
def test_counts_are_those_of_the_sets(left, right):
    found = overlap(shingles(pl.Series(left), 2), shingles(pl.Series(right), 2))
    sets = [[plain.shingles(text, 2) for text in texts] for texts in (left, right)]
    wanted = {
        (i, j): (len(a & b), len(a), len(b)) for i, a in enumerate(sets[0]) for j, b in enumerate(sets[1]) if a & b
    }
    assert {
        (i, j): tuple(rest) for i, j, *rest in found.select("i", "j", "common", "size_i", "size_j").rows()
    } == wanted
