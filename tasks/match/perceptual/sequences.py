"""Sequences that go together for a while: sounds and videos of which one may be a trimmed copy of the other."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.perceptual.lookup import Places, Shelf, bands, spread
from tasks.signatures.projection import Words, distances
from tasks.signatures.sequence import Sequence

# Bits of a word that make a band: two sequences are compared if they have one band at one time in common.
_WIDTH: Final = 21
# Of the shifts in time at which two sequences have something in common, the most frequent are tried.
_SHIFTS: Final = 3
# Moments are looked up, and compared, so many at a time.
_AT_ONCE: Final = 500_000
_LONGEST: Final = 1 << 34


class Moments(NamedTuple):
    """The moments of all sequences, one after the other: whose they are, when, and their bits."""

    owners: Places
    times: Places
    words: Words
    starts: Places
    counts: Places

    @classmethod
    def of(cls, sequences: list[Sequence]) -> Moments:
        """Put sequences, of which there is one at least, one after the other."""
        counts = np.array([len(each.times) for each in sequences], np.int64)
        return cls(
            np.repeat(np.arange(len(sequences)), counts),
            np.concatenate([each.times for each in sequences]),
            np.concatenate([each.words for each in sequences]),
            counts.cumsum() - counts,
            counts,
        )


class Grid(NamedTuple):
    """How moments lie in time: so many milliseconds apart, and each one tells of so many."""

    step: int
    length: int


def similar_sequences(sequences: list[Sequence], grid: Grid, overlap: float) -> pl.DataFrame:
    """Return `a`, `b` and `score` of every two sequences (numbers, a < b) that have something in common.

    The score is the cosine of the angle that the share of different bits stands for, at the shift in time, in steps of
    the grid, at which it is largest. At least the share `overlap` of the longer one must have a counterpart in the
    other one, else the score is 0.
    """
    moments = Moments.of(sequences)
    shifts = _shifts(moments, grid.step)
    scored = [pl.DataFrame(schema={"a": pl.Int64, "b": pl.Int64, "score": pl.Float64})]
    sizes = np.minimum(moments.counts[shifts["a"].to_numpy()], moments.counts[shifts["b"].to_numpy()])
    parts = shifts.with_columns(part=pl.Series(sizes.cumsum() // _AT_ONCE)).partition_by("part", maintain_order=True)
    for part in parts:
        a, b, shift = (part[name].to_numpy() for name in ("a", "b", "shift"))
        score = _scores(moments, a, b, shift, grid, overlap)
        scored.append(pl.DataFrame({"a": a, "b": b, "score": score}))
    return pl.concat(scored).group_by("a", "b").agg(pl.col("score").max()).sort("a", "b")


def _shifts(moments: Moments, step: int) -> pl.DataFrame:
    """Return the shifts worth trying: `a`, `b`, and the milliseconds by which a moment of b is later in a."""
    is_set = np.unpackbits(moments.words.view(np.uint8), axis=1, bitorder="little").astype(np.bool_)
    votes = [pl.DataFrame(schema={"a": pl.Int64, "b": pl.Int64, "shift": pl.Int64, "votes": pl.UInt32})]
    for values in bands(is_set, _WIDTH):
        # What a still video or a long tone repeats counts once.
        _, first = np.unique(moments.owners * (1 << _WIDTH) + values, return_index=True)
        shelf = Shelf.of(values[first], 1 << _WIDTH)
        for start in range(0, len(first), _AT_ONCE):
            some = first[start : start + _AT_ONCE]
            asking, there = shelf.same(values[some])
            votes.append(_voted(moments, some[asking], first[there], step))
    told = pl.concat(votes).group_by("a", "b", "shift").agg(pl.col("votes").sum())
    ranked = told.sort("a", "b", -pl.col("votes").cast(pl.Int64), pl.col("shift").abs(), "shift")
    return ranked.filter(pl.int_range(pl.len()).over("a", "b") < _SHIFTS).sort("a", "b", "shift")


def _voted(moments: Moments, asking: Places, there: Places, step: int) -> pl.DataFrame:
    earlier = moments.owners[there] < moments.owners[asking]
    asking, there = asking[earlier], there[earlier]
    shift = np.round((moments.times[there] - moments.times[asking]) / step).astype(np.int64) * step
    rows = {"a": moments.owners[there], "b": moments.owners[asking], "shift": shift}
    return pl.DataFrame(rows).group_by("a", "b", "shift").agg(votes=pl.len())


def _scores(
    moments: Moments, a: Places, b: Places, shift: Places, grid: Grid, overlap: float
) -> npt.NDArray[np.float64]:
    """Compare each moment of the one with fewer with the nearest of the other, which is at most a step away."""
    is_a_shorter = moments.counts[a] <= moments.counts[b]
    few, many = np.where(is_a_shorter, a, b), np.where(is_a_shorter, b, a)
    later = np.where(is_a_shorter, -shift, shift)
    counts = moments.counts[few]
    which = np.repeat(np.arange(len(a)), counts)
    one = spread(moments.starts[few], counts)
    other, is_there = _nearest(moments, many[which], moments.times[one] + later[which], grid.step)
    different = distances(moments.words[one], moments.words[other]) * is_there
    met = np.bincount(which, weights=is_there, minlength=len(a))
    share = np.bincount(which, weights=different, minlength=len(a)) / (np.maximum(met, 1) * 64 * moments.words.shape[1])
    beyond = grid.length - grid.step
    enough = (met > 0) & (met * grid.step + beyond >= overlap * (moments.counts[many] * grid.step + beyond))
    return np.where(enough, np.cos(np.pi * share).round(6), 0.0)


def _nearest(moments: Moments, owners: Places, times: Places, step: int) -> tuple[Places, npt.NDArray[np.bool_]]:
    """Return the moment of each owner that is nearest to a time, and whether it is near enough."""
    line = moments.owners * _LONGEST + moments.times
    # A time before the first moment of an owner must not fall among those of the owner before.
    after = np.searchsorted(line, owners * _LONGEST + np.clip(times, 0, _LONGEST - 1))
    last = moments.starts[owners] + moments.counts[owners] - 1
    right = np.minimum(after, last)
    left = np.clip(after - 1, moments.starts[owners], last)
    is_left = np.abs(moments.times[left] - times) <= np.abs(moments.times[right] - times)
    nearest = np.where(is_left, left, right)
    return nearest, np.abs(moments.times[nearest] - times) <= step
