"""Whether a model's probabilities mean what they say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Calibration(NamedTuple):
    """Expected, average and maximal calibration error, each between 0 and 1."""

    ece: float
    ace: float
    mce: float


class Bins(NamedTuple):
    """What a reliability diagram shows of each bin that is not empty."""

    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    n: NDArray[np.int64]


def calibration(probabilities: NDArray[np.float64], outcomes: NDArray[np.float64], bins: int = 10) -> Calibration:
    """Compare probabilities with outcomes (0 to 1) in `bins` equally wide bins [low, high), 1.0 in the last one.

    ECE weights the bins' gaps by their sizes (Naeini et al. 2015), ACE takes their mean, MCE the largest. Raises
    ValueError if there is nothing to compare.
    """
    if len(probabilities) == 0:
        raise ValueError("no probabilities to compare")
    found = reliability(probabilities, outcomes, bins)
    gaps = np.abs(found.predicted - found.observed)
    return Calibration(float(gaps @ found.n / found.n.sum()), float(gaps.mean()), float(gaps.max()))


def reliability(probabilities: NDArray[np.float64], outcomes: NDArray[np.float64], bins: int = 10) -> Bins:
    """Average probabilities and outcomes in each bin."""
    place = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    n = np.bincount(place, minlength=bins)
    filled = n > 0
    predicted = np.bincount(place, weights=probabilities, minlength=bins)[filled] / n[filled]
    observed = np.bincount(place, weights=outcomes, minlength=bins)[filled] / n[filled]
    return Bins(predicted, observed, n[filled])


def both_orders(gaps: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn gaps between chosen and rejected rewards into probabilities and outcomes, each pair seen from both sides.

    Seen from one side alone, every outcome would be 1 and a model that shouts would look calibrated.
    """
    ahead = 1.0 / (1.0 + np.exp(-gaps))
    return np.concatenate([ahead, 1.0 - ahead]), np.concatenate([np.ones_like(ahead), np.zeros_like(ahead)])
