"""Texts become sets of hashed shingles, whole columns at a time.

A token is a run of letters, digits and marks, or one character of a script that is written without spaces with the
marks that follow it. A shingle is `ngram` consecutive tokens; a text of fewer tokens has one shingle, all of it, and a
text of none has no shingle.
Hashes have 64 bits. They are made of code points and whole numbers only, so they are the same on every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

Words = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

# The last is a mark on a character that stands alone.
_SEPARATOR, _LETTER, _ALONE, _MARK, _ON_ALONE = 0, 1, 2, 3, 4
# Scripts without spaces: Thai, Lao, Tibetan, Burmese, Khmer, kana and bopomofo, Han, Yi, more Burmese, compatibility
# forms of Han, more kana.
_UNSPACED = [(0x0E00, 0x0EFF), (0x0F00, 0x109F), (0x1780, 0x17FF), (0x3040, 0x312F), (0x31A0, 0x31BF),
             (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA9E0, 0xA9FF),
             (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0x1AFF0, 0x1B16F), (0x20000, 0x3FFFF)]  # fmt: skip
_UNKNOWN: Final = 255
# Any odd numbers with well mixed bits do; these are the golden ratio's and those of splitmix64 (Steele et al. 2014).
_CHARACTER = np.uint64(0x9E3779B97F4A7C15)
_TOKEN = np.uint64(0xBF58476D1CE4E5B9)
_LAST = np.uint64(0x94D049BB133111EB)
CHUNK: Final = 1 << 16


class Shingles(NamedTuple):
    """The shingles of some texts, one text after the other: text `i` has `hashes[starts[i]:starts[i + 1]]`.

    `hashes` is uint64 and may name a shingle of a text twice; `starts` is int64 and one longer than the texts.
    """

    hashes: Words
    starts: Places

    @property
    def counts(self) -> Places:
        """How many shingles each text has, repetitions included."""
        return np.diff(self.starts)


def shingles(texts: pl.Series, ngram: int) -> Shingles:
    """Cut `texts`, which should be in normal form, into shingles of `ngram` tokens; null counts as empty."""
    parts = [_cut(*part, ngram) for part in _chunks(texts.fill_null(""))]
    counts = np.concatenate([np.zeros(1, np.int64), *[part.counts for part in parts]])
    return Shingles(np.concatenate([np.zeros(0, np.uint64), *[part.hashes for part in parts]]), np.cumsum(counts))


def _chunks(texts: pl.Series) -> Iterator[tuple[pl.Series, Places]]:
    """Take as many texts at a time as make arrays that stay in the processor's cache, one at least, and their sizes."""
    sizes = texts.str.len_bytes().cast(pl.Int64).to_numpy()
    ends = np.cumsum(sizes)
    at = 0
    while at < len(texts):
        before = ends[at - 1] if at else 0
        to = max(int(np.searchsorted(ends, before + CHUNK, side="right")), at + 1)
        yield texts[at:to], sizes[at:to]
        at = to


def _cut(texts: pl.Series, sizes: Places, ngram: int) -> Shingles:
    joined = str(texts.str.join("\n").item()) + "\n"
    if joined.isascii():
        written = joined.encode("ascii")
        codes: Codes = np.frombuffer(written, np.uint8)
        first, end = _runs(np.frombuffer(written.translate(_ASCII), np.uint8))
    else:
        codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        first, end = _tokens(_with_marks_on_their_bases(_kinds(codes)))
        sizes = texts.str.len_chars().cast(pl.Int64).to_numpy()
    # The line feed at the end of each text is a separator, so no token reaches over it.
    ends = np.cumsum(sizes + 1)
    starts = np.concatenate([np.zeros(1, np.int64), np.searchsorted(first, ends)])
    return _shingled(_hash_runs(codes, first, end), starts, ngram)


def _runs(is_letter: npt.NDArray[np.uint8]) -> tuple[Places, Places]:
    """Say where the runs of letters begin and end; the last character is no letter."""
    edges = np.flatnonzero(is_letter[1:] != is_letter[:-1]) + 1
    if is_letter[0]:
        edges = np.concatenate([np.zeros(1, np.int64), edges])
    return edges[::2], edges[1::2]


def _tokens(kinds: npt.NDArray[np.uint8]) -> tuple[Places, Places]:
    """Say where the tokens begin and end: runs of letters, and characters that stand alone with their marks."""
    is_alone, is_on_alone = kinds == _ALONE, kinds == _ON_ALONE
    first, end = _runs((kinds == _LETTER).view(np.uint8))
    if not is_alone.any():
        return first, end
    is_last = is_alone | is_on_alone
    is_last[:-1] &= ~is_on_alone[1:]
    begun, ended = np.flatnonzero(is_alone), np.flatnonzero(is_last) + 1
    return np.sort(np.concatenate([first, begun])), np.sort(np.concatenate([end, ended]))


def _hash_runs(codes: Codes, first: Places, end: Places) -> Words:
    """Hash every run of code points as a polynomial over them, from the sums of all that come before."""
    powers, inverse = _powers(len(codes))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers, out=sums[1:])
    return _mixed((sums[end] - sums[first]) * inverse[first])


def _shingled(tokens: Words, starts: Places, ngram: int) -> Shingles:
    """Join the tokens of each text, `ngram` at a time, into one hash each."""
    counts = np.diff(starts)
    made = np.where(counts >= ngram, counts - ngram + 1, np.minimum(counts, 1))
    ends = np.cumsum(made)
    begins = ends - made
    # The i-th shingle of a text begins at its i-th token.
    at = np.arange(int(made.sum())) + np.repeat(starts[:-1] - begins, made)
    hashes = _joined(tokens, ngram)[at]
    for count in range(1, ngram):
        short = counts == count
        if short.any():
            hashes[begins[short]] = _joined(tokens, count)[starts[:-1][short]]
    return Shingles(_mixed(hashes), np.concatenate([np.zeros(1, np.int64), ends]))


def _joined(tokens: Words, ngram: int) -> Words:
    """Hash every `ngram` consecutive tokens as a polynomial over them, whichever text they belong to."""
    hashes = tokens.copy()
    reach = max(len(tokens) - ngram + 1, 0)
    for place in range(1, ngram):
        hashes[:reach] *= _TOKEN
        hashes[:reach] += tokens[place : place + reach]
    return hashes


def _mixed(values: Words) -> Words:
    """Spread every bit over all others: the finaliser of splitmix64 (Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * _TOKEN
    values = (values ^ (values >> np.uint64(27))) * _LAST
    return values ^ (values >> np.uint64(31))


def _powers(count: int) -> tuple[Words, Words]:
    """Return the first `count` powers of the character's multiplier and of its inverse."""
    powers, inverse = _powers_up_to(1 << max(count, CHUNK).bit_length())
    return powers[:count], inverse[:count]


@cache
def _powers_up_to(count: int) -> tuple[Words, Words]:
    inverse = np.uint64(pow(int(_CHARACTER), -1, 1 << 64))
    return _geometric(_CHARACTER, count), _geometric(inverse, count)


def _geometric(base: np.uint64, count: int) -> Words:
    steps = np.full(count, base, np.uint64)
    steps[0] = 1
    return np.multiply.accumulate(steps)


_TABLE = np.full(0x110000, _UNKNOWN, np.uint8)


def _kinds(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Say of each code point what it is to a token; each is looked up once in the life of the process."""
    kinds = _TABLE[codes]
    if (kinds == _UNKNOWN).any():
        for code in set(codes[kinds == _UNKNOWN].tolist()):
            _TABLE[code] = _kind(code)
        kinds = _TABLE[codes]
    return kinds


def _with_marks_on_their_bases(kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Make each mark part of the token before it; a mark with none before it is like a letter."""
    is_mark = kinds == _MARK
    if not is_mark.any():
        return kinds
    bases = kinds[np.maximum.accumulate(np.where(is_mark, 0, np.arange(len(kinds))))]
    return np.where(is_mark, np.where(bases == _ALONE, _ON_ALONE, _LETTER), kinds).astype(np.uint8)


def _kind(code: int) -> int:
    category = unicodedata.category(chr(code))[0]
    if category not in "LNM":
        return _SEPARATOR
    if category == "M":
        return _MARK
    return _ALONE if any(first <= code <= last for first, last in _UNSPACED) else _LETTER


_ASCII = bytes(_kind(code) == _LETTER for code in range(128)) + bytes(128)
