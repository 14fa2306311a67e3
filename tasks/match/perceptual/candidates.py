"""Candidates: pictures of which one may show a part of the other."""

from __future__ import annotations

from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from tasks.match.perceptual.lookup import Places, Shelf, bands
from tasks.signatures.projection import Floats, distances, sides, words
from tasks.signatures.thumbnail import DETAIL, WHOLE, Bytes, descriptors

# What a mild crop leaves of a picture: the whole, nine tenths or eight tenths of it, or all but a tenth at some sides.
VIEWS: Final = np.array(
    [
        WHOLE,
        (0.05, 0.95, 0.05, 0.95),
        (0.1, 0.9, 0.1, 0.9),
        (0.1, 1.0, 0.0, 1.0),
        (0.0, 0.9, 0.0, 1.0),
        (0.0, 1.0, 0.1, 1.0),
        (0.0, 1.0, 0.0, 0.9),
        (0.1, 0.9, 0.0, 1.0),
        (0.0, 1.0, 0.1, 0.9),
    ]
)
# Bits of a picture, and how many of them make a band.
_BITS: Final = 192
_WIDTH: Final = 18
# So many bits of a band that are nearest to their planes may be wrong, two at a time.
_DOUBTFUL: Final = 5
# Candidates differ in so many bits at most, and their vectors have at least this cosine.
_DISTANCE: Final = 58
_COSINE: Final = 0.8
# Pictures are looked up so many at a time; of the candidates of one the nearest are kept, and the first.
_AT_ONCE: Final = 10_000
_PAIRS: Final = 1 << 18
MOST: Final = 64


class _Shelves(NamedTuple):
    """All pictures by their bands, their bits and their vectors."""

    shelves: list[Shelf]
    words: np.ndarray
    vectors: Floats


def candidates(signatures: Bytes) -> pl.DataFrame:
    """Return `part`, `whole` and `view`: this view of one picture (a row of `signatures`) may be the other picture.

    Two pictures come once. They share one of ten bands of 18 bits, up to two doubtful ones, in one of nine views. A
    picture without detail has no candidates.
    """
    vectors, lengths = descriptors(signatures, WHOLE)
    detailed = np.flatnonzero(lengths >= DETAIL)
    known = _shelved(vectors[detailed])
    del vectors
    found = [pl.DataFrame(schema={"part": pl.Int64, "whole": pl.Int64, "view": pl.Int64, "cosine": pl.Float32})]
    starts = range(0, len(detailed), _AT_ONCE)
    found += [_near(signatures[detailed[start : start + _AT_ONCE]], start, known) for start in starts]
    both = pl.concat(found).with_columns(a=pl.min_horizontal("part", "whole"), b=pl.max_horizontal("part", "whole"))
    best = both.sort("a", "b", -pl.col("cosine"), "part", "view").unique(["a", "b"], keep="first", maintain_order=True)
    places = [pl.Series(name, detailed[best[name].to_numpy()]) for name in ("part", "whole")]
    return pl.DataFrame([*places, best["view"]])


def _shelved(vectors: Floats) -> _Shelves:
    """Put pictures on shelves, some at a time: the numbers that bits are told by take more room than the vectors."""
    bits, values = [np.zeros((0, _BITS // 64), np.uint64)], [np.zeros((_BITS // _WIDTH, 0), np.int64)]
    for start in range(0, len(vectors), _AT_ONCE):
        margins = sides(vectors[start : start + _AT_ONCE], _BITS)
        bits.append(words(margins))
        values.append(bands(margins > 0, _WIDTH))
    shelves = [Shelf.of(value, 1 << _WIDTH) for value in np.concatenate(values, axis=1)]
    return _Shelves(shelves, np.concatenate(bits), vectors)


def _near(signatures: Bytes, start: int, known: _Shelves) -> pl.DataFrame:
    """Find the candidates of some pictures, the first of which is number `start`, in every view."""
    found = []
    for view, rectangle in enumerate(VIEWS.tolist()):
        left, right, top, bottom = rectangle
        vectors, _ = descriptors(signatures, (left, right, top, bottom))
        part, whole = _looked_up(vectors, known)
        other = part + start != whole
        part, whole = part[other], whole[other]
        cosine = _cosines(vectors, known.vectors, part, whole)
        near = cosine >= _COSINE
        rows = {"part": part[near] + start, "whole": whole[near], "cosine": cosine[near]}
        found.append(pl.DataFrame(rows).with_columns(view=pl.lit(view, pl.Int64)))
    best = (
        pl.concat(found)
        .sort("part", -pl.col("cosine"), "whole", "view")
        .unique(["part", "whole"], keep="first", maintain_order=True)
    )
    is_first = pl.col("whole") == pl.col("whole").min().over("part")
    return best.filter(is_first | (pl.int_range(pl.len()).over("part") < MOST)).select(
        "part", "whole", "view", "cosine"
    )


def _cosines(one: Floats, other: Floats, i: Places, j: Places) -> Floats:
    """Return the cosine of every two vectors; few of them are in memory at a time."""
    starts = range(0, len(i), _PAIRS)
    parts = [(i[start : start + _PAIRS], j[start : start + _PAIRS]) for start in starts]
    found = [np.einsum("ij,ij->i", one[here], other[there]) for here, there in parts]
    return np.concatenate([np.zeros(0, np.float32), *found])


def _looked_up(vectors: Floats, known: _Shelves) -> tuple[Places, Places]:
    """Return whose bands are the same, up to doubtful bits, and whose bits differ little, each two once."""
    margins = sides(vectors, _BITS)
    own, count = words(margins), len(known.vectors)
    met = [np.zeros(0, np.int64)]
    for band, (shelf, value) in enumerate(zip(known.shelves, bands(margins > 0, _WIDTH), strict=True)):
        margin = np.abs(margins[:, band * _WIDTH : (band + 1) * _WIDTH])
        doubtful = np.left_shift(1, np.argpartition(margin, _DOUBTFUL, axis=1)[:, :_DOUBTFUL])
        new = []
        for flipped in _flips(doubtful):
            part, whole = shelf.same(value ^ flipped)
            near = distances(own[part], known.words[whole]) <= _DISTANCE
            new.append(part[near] * count + whole[near])
        met.append(np.concatenate(new))
    different = np.unique(np.concatenate(met))
    return different // count, different % count


def _flips(doubtful: Places) -> list[Places]:
    """Return what to flip in the value of a band: nothing, one of the doubtful bits or two of them."""
    ones = list(doubtful.T)
    return [np.zeros(len(doubtful), np.int64), *ones, *[one | other for one, other in combinations(ones, 2)]]
