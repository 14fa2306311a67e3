"""Lookup: things with equal bits in a band, band by band, so that never all things are compared with all."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
# Of the things with one value in a band so many, the first, are looked at: a value that thousands have costs no square.
CROWD: Final = 256


class Shelf(NamedTuple):
    """The things of one band by their value: those of value v stand in `order` between `ends[v]` and `ends[v + 1]`."""

    order: Places
    ends: Places

    @classmethod
    def of(cls, values: Places, size: int) -> Shelf:
        """Put things on a shelf by their values, which are below `size`; the first come first."""
        return cls(
            np.argsort(values, kind="stable"), np.concatenate([[0], np.bincount(values, minlength=size).cumsum()])
        )

    def same(self, values: Places, crowd: int = CROWD) -> tuple[Places, Places]:
        """Name, for things with these values, the things on the shelf with the same one: the numbers of both."""
        starts = self.ends[values]
        counts = np.minimum(self.ends[values + 1] - starts, crowd)
        asking = np.repeat(np.arange(len(values)), counts)
        return asking, self.order[spread(starts, counts)]


def spread(starts: Places, counts: Places) -> Places:
    """Count up from each start, as often as is said: 5 and 9, twice each, are 5, 6, 9, 10."""
    before = counts.cumsum() - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()))


def bands(is_set: npt.NDArray[np.bool_], width: int) -> Places:
    """Read each row of bits as numbers of `width` bits: (bands, rows); bits that are left over belong to none."""
    count = is_set.shape[1] // width
    cut = is_set[:, : count * width].reshape(len(is_set), count, width)
    return np.asarray((cut.astype(np.int64) << np.arange(width)).sum(axis=2).T)
