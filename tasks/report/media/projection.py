"""A map of vectors: the two directions in which they differ most, and points of it that lie far apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


class Projection(NamedTuple):
    """Where each vector lies, (n, 2), and the share of their variance that is seen there."""

    points: Points
    share: float


def project(vectors: NDArray[np.floating]) -> Projection:
    """Lay vectors (n, d) on their first two principal components, at least two vectors of two dimensions.

    The sign of a component is free; here its largest part is positive, so that a map never turns over.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, lengths, components = np.linalg.svd(centred, full_matrices=False)
    axes = components[:2]
    axes = axes * np.where(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
    total = float((lengths**2).sum())
    return Projection(centred @ axes.T, float((lengths[:2] ** 2).sum()) / total if total > 0 else 1.0)


def spread_out(points: Points, most: int, apart: float) -> list[int]:
    """Choose at most `most` points, each the farthest from all before it, as long as it is at least `apart` away.

    The first is the farthest from the middle; of equally far ones the first counts.
    """
    if not len(points) or most < 1:
        return []
    chosen = [int(np.linalg.norm(points - points.mean(axis=0), axis=1).argmax())]
    nearest = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < most and nearest.max() >= apart:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return chosen
