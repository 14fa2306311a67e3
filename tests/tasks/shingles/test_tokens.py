import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.shingles import tokens
from tasks.shingles.tokens import shingles
from tests.tasks.shingles import plain

WORDS = st.text(st.sampled_from("ab1é ,.\n\t\0東京ไทย가나🙂𠀀あカ\u3099\u309a\u0301\u0e31"), max_size=40)


def sets_of(cut):
    return [set(cut.hashes[a:b].tolist()) for a, b in zip(cut.starts, cut.starts[1:], strict=False)]


@given(st.lists(WORDS, max_size=8), st.integers(1, 6))
def test_shingles_are_equal_exactly_where_the_plain_ones_are(texts, ngram):
    found = sets_of(shingles(pl.Series(texts, dtype=pl.String), ngram))
    wanted = [plain.shingles(text, ngram) for text in texts]
    assert [len(each) for each in found] == [len(each) for each in wanted]
    for i, left in enumerate(wanted):
        for j, right in enumerate(wanted):
            assert len(found[i] & found[j]) == len(left & right)


@pytest.mark.parametrize(("text", "count"), [
    ("", 0), ("?!", 0), ("one", 1), ("one two three four", 1), ("one two three four five six", 2),
    ("東京は日本の首都です", 6), ("don't", 1), ("🙂", 0),
])  # fmt: skip
def test_a_text_has_so_many_shingles_of_five(text, count):
    assert shingles(pl.Series([text]), 5).counts.tolist() == [count]


@pytest.mark.parametrize(("text", "words"), [
    ("\u3042\u3099\u3044", ["\u3042\u3099", "\u3044"]),
    ("\u30bb\u309a\u30bb", ["\u30bb\u309a", "\u30bb"]),
    ("\u0e01\u0e31\u0e19", ["\u0e01\u0e31", "\u0e19"]),
    ("x\u0301y \u3099z", ["x\u0301y", "\u3099z"]),
    ("\u6771\u0301y", ["\u6771\u0301", "y"]),
])  # fmt: skip
def test_a_mark_stays_with_its_base(text, words):
    assert plain.tokens(text) == words
    cut, alone = shingles(pl.Series([text]), 1), shingles(pl.Series(words), 1)
    assert cut.hashes.tolist() == alone.hashes.tolist()


def test_every_character_is_cut_as_in_the_plain_way():
    # Beyond these there are private characters, and marks that are never written.
    characters = [chr(code) for code in range(0x33480) if not 0xD800 <= code < 0xE000]
    cut = shingles(pl.Series([f"a{char}a" for char in characters]), 1)
    assert cut.counts.tolist() == [len(plain.tokens(f"a{char}a")) for char in characters]


def test_null_counts_as_empty():
    assert shingles(pl.Series([None, "a"], dtype=pl.String), 2).counts.tolist() == [0, 1]


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_a_text_has_its_shingles_whatever_stands_beside_it(texts):
    together = sets_of(shingles(pl.Series(texts), 3))
    assert together == [sets_of(shingles(pl.Series([text]), 3))[0] for text in texts]


def test_a_text_longer_than_a_chunk_is_cut_whole(monkeypatch):
    text = " ".join(f"w{number}" for number in range(5000))
    whole = sets_of(shingles(pl.Series([text, "x"]), 5))
    monkeypatch.setattr(tokens, "CHUNK", 64)
    assert sets_of(shingles(pl.Series([text, "x"]), 5)) == whole
    assert len(whole[0]) == 4996


def test_hashes_are_the_same_for_ever():
    assert shingles(pl.Series(["winnow keeps what counts", "東京"]), 3).hashes.tolist() == HASHES


HASHES = [3178707185350514676, 16589504466858867091, 4515064978116711401]
