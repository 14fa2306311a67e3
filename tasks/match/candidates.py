"""Candidates: keys that agree in a band, found a few bands at a time so that memory does not grow with the bands."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.slices import compact, in_slices

Places = npt.NDArray[np.uint64]

_WINDOW: Final = 64
# So many band columns are in memory at a time.
_AT_ONCE: Final = 2
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def candidates(sketches: pl.LazyFrame) -> pl.DataFrame:
    """Return every two keys of `sketches` (key, band_0, band_1, …) that agree in a band: `a` and `b`, each once.

    Of more than 65 keys with one band hash, each is paired with the 64 next to it and with the first. Until the end
    keys are numbers of rows, and equal keys are told by 64 bits of a hash.
    """
    hashed = pl.concat([part["key"].hash() for part in in_slices(sketches.select("key"))])
    first = hashed.is_first_distinct().arg_true()
    names = [name for name in sketches.collect_schema().names() if name.startswith("band_")]
    pairs = pl.Series([], dtype=pl.UInt64)
    for at in range(0, len(names), _AT_ONCE):
        found = [pairs]
        for values in sketches.select(names[at : at + _AT_ONCE]).collect().get_columns():
            i, j = _agreeing(values.gather(first))
            found.append(pl.Series((np.minimum(i, j) << _HALF) | np.maximum(i, j)))
        pairs = pl.concat(found).unique()
    together = pairs.sort().to_numpy()
    return _named(sketches, first.gather(together >> _HALF), first.gather(together & _LOW))


def _named(sketches: pl.LazyFrame, i: pl.Series, j: pl.Series) -> pl.DataFrame:
    """Look up the keys of two columns of rows, of these rows only."""
    wanted = pl.concat([i, j]).unique().sort()
    found, before = [], 0
    for part in in_slices(sketches.select("key")):
        inside = wanted.filter((wanted >= before) & (wanted < before + part.height)) - before
        found.append(compact(part[inside]))
        before += part.height
    known = pl.concat(found)["key"]
    return pl.DataFrame({"a": known.gather(wanted.search_sorted(i)), "b": known.gather(wanted.search_sorted(j))})


def _agreeing(values: pl.Series) -> tuple[Places, Places]:
    """Pair the places of equal values."""
    # Sorting numbers that carry their place is many times as fast as sorting places by their numbers.
    numbered = values.to_numpy().astype(np.uint64)
    numbered <<= _HALF
    numbered |= np.arange(len(values), dtype=np.uint32)
    numbered = pl.Series(numbered).sort().to_numpy()
    equal = (numbered[1:] >> _HALF) == (numbered[:-1] >> _HALF)
    crowd = np.zeros(len(numbered), np.bool_)
    crowd[1:] |= equal
    crowd[:-1] |= equal
    hashes = numbered[crowd] >> _HALF
    places = numbered[crowd] & _LOW
    left, right = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    for distance in range(1, _WINDOW + 1):
        equal = np.flatnonzero(hashes[distance:] == hashes[:-distance])
        if not len(equal):
            break
        left.append(places[equal])
        right.append(places[equal + distance])
    is_head = np.ones(len(hashes), np.bool_)
    is_head[1:] = hashes[1:] != hashes[:-1]
    head = np.maximum.accumulate(np.where(is_head, np.arange(len(hashes)), 0))
    far = np.flatnonzero(np.arange(len(hashes)) - head > _WINDOW)
    return np.concatenate([*left, places[head[far]]]), np.concatenate([*right, places[far]])
