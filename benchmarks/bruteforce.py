"""The truth that near matching is measured against: every two texts at or above a similarity, found without sketches.

Nothing here uses winnow's code. Shingles are whole numbers without collisions, similarities are counted, and the only
pairs left out are those that cannot reach the threshold: of two sets with Jaccard similarity t or more, the |x| -
⌈t|x|⌉ + 1 rarest members of each have one in common (the prefix filter; Chaudhuri, Ganti and Kaushik 2006, Bayardo, Ma
and Srikant 2007).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import chain, repeat

import numpy as np
import polars as pl

NGRAM = 5
_PAIRS_AT_ONCE = 20_000
_ASCII_TOKENS = re.compile("[a-z0-9]+")
_UNSPACED = re.compile("CJK|HIRAGANA|KATAKANA|THAI|LAO|TIBETAN|MYANMAR|KHMER|BOPOMOFO|YI ")


def normal_form(text: str) -> str:
    """Fold case and compatibility forms, and collapse white space."""
    while (folded := unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())) != text:
        text = folded
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """Cut `text` as most deduplicators do: in lower case, at white space."""
    return text.lower().split()


def tokens(text: str) -> list[str]:
    """Cut `text` as winnow does: runs of letters, digits and marks, and single characters of unspaced scripts."""
    text = normal_form(text)
    if text.isascii():
        return _ASCII_TOKENS.findall(text)
    found, run = [], ""
    for char in text:
        is_word = unicodedata.category(char)[0] in "LNM"
        is_alone = is_word and _UNSPACED.match(unicodedata.name(char, "")) is not None
        if is_word and not is_alone:
            run += char
            continue
        found += [run] * bool(run) + [char] * is_alone
        run = ""
    return found + [run] * bool(run)


def shingle_sets(texts: Sequence[str], cut: Callable[[str], list[str]]) -> pl.DataFrame:
    """List the distinct shingles of every text as `text, shingle`; equal shingles have equal numbers, others not.

    A text of fewer tokens than a shingle has one shingle, all of it; a text without tokens has none.
    """
    said = [cut(text) for text in texts]
    padded = [each + [""] * (NGRAM - len(each)) if each else each for each in said]
    known: dict[str, int] = {}
    coded = np.fromiter((known.setdefault(word, len(known)) for word in chain.from_iterable(padded)), np.int64)
    counts = np.array([len(each) for each in padded], np.int64)
    owner = np.repeat(np.arange(len(texts)), counts)
    end = np.repeat(np.cumsum(counts), counts)
    last = len(coded) - NGRAM + 1
    if last <= 0:
        return pl.DataFrame(schema={"text": pl.Int64, "shingle": pl.Int64})
    joined = coded[:last]
    for place in range(1, NGRAM):
        _, joined = np.unique(joined * len(known) + coded[place : place + last], return_inverse=True)
    is_whole = np.arange(last) + NGRAM <= end[:last]
    return pl.DataFrame({"text": owner[:last][is_whole], "shingle": joined[is_whole]}).unique().sort("text", "shingle")


def united(sets: pl.DataFrame, parts: Sequence[np.ndarray]) -> pl.DataFrame:
    """Unite sets: the i-th of the result has the members of the sets numbered `part[i]` of every part."""
    members = pl.concat([pl.DataFrame({"text": part}).with_row_index("whole") for part in parts])
    joined = members.join(sets, on="text").select(pl.col("whole").cast(pl.Int64).alias("text"), "shingle")
    return joined.unique().sort("text", "shingle")


def near(sets: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """Return every two sets with a similarity of at least `threshold`: `i, j, score`, with i before j."""
    first = _prefixes(sets, threshold)
    met = first.join(first, on="shingle", suffix="_other").filter(pl.col("text") < pl.col("text_other"))
    found = met.select(i="text", j="text_other").unique().sort("i", "j")
    return similarity(sets, found).filter(pl.col("score") >= threshold)


def similarity(sets: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Add the Jaccard similarity to every pair `i, j`."""
    sizes = sets.group_by("text").agg(size=pl.len().cast(pl.Int64))
    parts = [_similarity(sets, sizes, part) for part in found.iter_slices(_PAIRS_AT_ONCE)]
    return pl.concat(parts) if parts else found.with_columns(score=pl.lit(0.0))


def _similarity(sets: pl.DataFrame, sizes: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    shared = (
        found.join(sets, left_on="i", right_on="text")
        .join(sets, left_on=["j", "shingle"], right_on=["text", "shingle"], how="semi")
        .group_by("i", "j")
        .agg(common=pl.len().cast(pl.Int64))
    )
    told = found.join(shared, on=["i", "j"], how="left").with_columns(pl.col("common").fill_null(0))
    for side in ("i", "j"):
        told = told.join(sizes.rename({"text": side, "size": f"size_{side}"}), on=side)
    either = pl.col("size_i") + pl.col("size_j") - pl.col("common")
    return told.select("i", "j", score=pl.col("common") / either).sort("i", "j")


def _prefixes(sets: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """Keep the rarest members of every set, as many as the prefix filter needs."""
    ranked = sets.with_columns(rarity=pl.len().over("shingle")).sort("text", "rarity", "shingle")
    sizes = ranked.group_by("text", maintain_order=True).len()["len"].to_list()
    # The product of a threshold and a size may lie a hair above a whole number; a larger prefix is never wrong.
    wanted = [size - math.ceil(threshold * size - 1e-9) + 1 for size in sizes]
    place = np.concatenate([np.zeros(0, np.int64), *map(np.arange, sizes)])
    enough = np.fromiter(chain.from_iterable(map(repeat, wanted, sizes)), np.int64, sum(sizes))
    return ranked.filter(pl.Series(place < enough)).select("text", "shingle")
