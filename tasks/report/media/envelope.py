"""The outline of a sound: how far it swings, part by part, and where it is silent."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# A part that stays below 60 decibels under full scale counts as silent.
_SILENT: Final = 1e-3


class Envelope(NamedTuple):
    """The lowest and the highest sample of as many equal parts, from -1 to 1, and whether each part is silent."""

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    is_silent: NDArray[np.bool_]


def envelope(samples: NDArray[np.float32], parts: int) -> Envelope | None:
    """Outline a sound (n,) in `parts` equal parts, or in fewer if it has fewer samples; none of a sound without any."""
    if not len(samples):
        return None
    starts = np.linspace(0, len(samples), min(parts, len(samples)), endpoint=False).astype(np.int64)
    low = np.clip(np.minimum.reduceat(samples, starts), -1.0, 1.0)
    high = np.clip(np.maximum.reduceat(samples, starts), -1.0, 1.0)
    return Envelope(low, high, np.maximum(np.abs(low), np.abs(high)) < _SILENT)
