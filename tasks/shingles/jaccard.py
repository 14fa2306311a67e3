"""The exact Jaccard similarity of sets of shingles: common members by all members (Jaccard 1912)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.shingles.tokens import Places, Shingles, Words

_PAIRS: Final = 1 << 14
# So many bits of a hash are left when the number of its pair stands before it.
_SHIFT = np.uint64(64 - 14)


def jaccard(cut: Shingles, i: Places, j: Places) -> npt.NDArray[np.float64]:
    """Compare the texts `i` and `j` of every pair; two texts without shingles have similarity 0.

    50 bits of a shingle's hash are compared, so different shingles count as one once in 10^15.
    """
    starts = range(0, len(i), _PAIRS)
    return np.concatenate([np.zeros(0), *[_score(cut, i[at : at + _PAIRS], j[at : at + _PAIRS]) for at in starts]])


def take(cut: Shingles, rows: Places) -> Shingles:
    """Return the shingles of the texts `rows`, in their order."""
    counts = cut.counts[rows]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    at = np.arange(starts[-1]) + np.repeat(cut.starts[:-1][rows] - starts[:-1], counts)
    return Shingles(cut.hashes[at], starts)


def together(*parts: Shingles) -> Shingles:
    """Put the shingles of several texts together, row by row: the union of the sets, with repetitions."""
    counts = np.sum([part.counts for part in parts], axis=0)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    hashes = np.empty(starts[-1], np.uint64)
    free = starts[:-1].copy()
    for part in parts:
        hashes[np.arange(len(part.hashes)) + np.repeat(free - part.starts[:-1], part.counts)] = part.hashes
        free += part.counts
    return Shingles(hashes, starts)


def _score(cut: Shingles, i: Places, j: Places) -> npt.NDArray[np.float64]:
    left, right = _members(take(cut, i)), _members(take(cut, j))
    # Merging what is sorted already is ten times as fast as sorting.
    both = np.sort(np.concatenate([left, right]), kind="stable")
    common = _sizes(both[1:][both[1:] == both[:-1]], len(i))
    either = _sizes(both, len(i)) - common
    return np.divide(common, either, out=np.zeros(len(i)), where=either > 0)


def _members(cut: Shingles) -> Words:
    """List the members of each set once, in one array: the number of the set, then the rest of the hash."""
    owners = np.repeat(np.arange(len(cut.counts), dtype=np.uint64), cut.counts)
    # Polars sorts numbers three times as fast as numpy; its `unique` takes fifty times as long as the mask.
    named = pl.Series((owners << _SHIFT) | (cut.hashes >> (np.uint64(64) - _SHIFT))).sort().to_numpy()
    is_new = np.ones(len(named), np.bool_)
    is_new[1:] = named[1:] != named[:-1]
    return named[is_new]


def _sizes(members: Words, count: int) -> npt.NDArray[np.float64]:
    return np.bincount((members >> _SHIFT).astype(np.int64), minlength=count).astype(np.float64)
