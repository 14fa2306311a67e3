"""MinHash: short signatures whose equal places estimate the Jaccard similarity of two sets (Broder 1997).

The signature of a union of sets is the smaller value of each place (`union`), so a pair's signature is made of those
of its texts. Places have 16 bits: chance agreements, which grow with the set, only add candidates to verify.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from tasks.shingles.tokens import Places, Shingles, Words

Signatures = npt.NDArray[np.uint16]

ALGORITHM: Final = "minhash-16/splitmix64/1"
PLACES: Final = 125
SURE: Final = 0.998
_EMPTY: Final = 0xFFFF
_PER_WORD = 4
_ROWS = 2048
_MIX = np.uint64(0x9E3779B97F4A7C15)


def rows_of_a_band(threshold: float, places: int = PLACES) -> int:
    """Return how many places make a band: the most that still show a pair at `threshold` with probability 0.998.

    A pair of similarity t shows in one of ⌊P/r⌋ bands of r places with probability 1 - (1 - t^r)^⌊P/r⌋ (Leskovec,
    Rajaraman and Ullman, Mining of Massive Datasets, section 3.4.2).
    """
    sure = [rows for rows in range(1, places + 1) if 1 - (1 - threshold**rows) ** (places // rows) >= SURE]
    return max(sure, default=1)


def signatures(cut: Shingles, places: int = PLACES) -> Signatures:
    """Return one signature of `places` values per text; a text without shingles has the largest value everywhere."""
    factors = _factors(-(-places // _PER_WORD))
    counts = cut.counts
    signed = np.full((len(counts), len(factors) * _PER_WORD), _EMPTY, np.uint16)
    # Texts of nearly equal length form blocks: a block is as deep as its longest text, the others repeat themselves.
    order = np.argsort(counts, kind="stable")
    lengths = counts[order]
    at = int(np.searchsorted(lengths, 1))
    scratch = np.empty((2, _ROWS, len(factors)), np.uint64)
    tiled = np.tile(factors, (_ROWS, 1))
    while at < len(order):
        texts = order[at : at + _fitting(lengths, at)]
        signed[texts] = _sign(cut, texts, counts[texts], tiled, scratch)
        at += len(texts)
    return signed[:, :places]


def union(*parts: Signatures) -> Signatures:
    """Return the signatures of the unions of sets, given the signatures of the sets, row by row."""
    united: Signatures = np.minimum.reduce(parts)
    return united


def bands(signed: Signatures, rows: int) -> npt.NDArray[np.uint32]:
    """Hash each signature's bands of `rows` places: one row a band, one column a text."""
    count = signed.shape[1] // rows
    hashed = np.empty((count, len(signed)), np.uint32)
    for at in range(0, len(signed), _ROWS):
        # Turned over first, so that every place of a band lies in one piece.
        places = np.ascontiguousarray(signed[at : at + _ROWS, : count * rows].T).reshape(count, rows, -1)
        values = np.zeros((count, places.shape[2]), np.uint64)
        for place in range(rows):
            values += places[:, place]
            values *= _MIX
            values ^= values >> np.uint64(29)
        hashed[:, at : at + _ROWS] = values >> np.uint64(32)
    return hashed


def _factors(words: int) -> Words:
    """Draw odd multipliers, the same ones for ever."""
    drawn = np.arange(1, words + 1, dtype=np.uint64) * np.uint64(0xD1342543DE82EF95)
    drawn = (drawn ^ (drawn >> np.uint64(31))) * _MIX
    return (drawn ^ (drawn >> np.uint64(28))) | np.uint64(1)


def _fitting(counts: Places, at: int) -> int:
    """Say how many of the texts from `at` on, which are sorted by length, fit into one block."""
    most = max(_ROWS // int(counts[at]), 1)
    last = min(at + most, len(counts))
    return max(min(most, _ROWS // int(counts[last - 1])), 1)


def _sign(cut: Shingles, texts: Places, counts: Places, factors: Words, scratch: Words) -> Signatures:
    signed = np.full((len(texts), factors.shape[1] * _PER_WORD), _EMPTY, np.uint16)
    # A very long text is taken in several goes.
    for begin in range(0, int(counts[-1]), _ROWS):
        depth = min(_ROWS, int(counts[-1]) - begin)
        place = np.minimum(np.arange(begin, begin + depth)[:, None], counts - 1)
        hashes = cut.hashes[cut.starts[texts] + place].ravel()
        values, shifted = scratch[:, : len(hashes)]
        np.copyto(values, hashes[:, None])
        values *= factors[: len(hashes)]
        np.right_shift(values, np.uint64(32), out=shifted)
        values ^= shifted
        values *= _MIX
        signed = np.minimum(signed, values.view(np.uint16).reshape(depth, len(texts), -1).min(axis=0))
    return signed
