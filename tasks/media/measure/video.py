"""Measures of a video: how much moves, how often the scene changes, and how much stands still."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

_SIDE: Final = 64
# Two frames show another scene if their histograms share less than this, and their pixels differ by this much.
_SHARED: Final = 0.6
_CUT: Final = 0.08
# Below this mean difference, half a level of 255, two frames are one.
_FROZEN: Final = 0.5 / 255


def measure_video(frames: npt.NDArray[np.uint8], times: npt.NDArray[np.float64]) -> dict[str, float | None]:
    """Return the measures of frames (k, height, width, RGB) sampled at `times`, in seconds and in order.

    All compare a frame with the next one, as luma of 64 x 64 from 0 to 1, and depend on how densely the video was
    sampled. They are None for fewer than two frames.

    - `motion`: the mean absolute difference of two frames by the seconds between them, the median over all.
    - `cuts`: how many times the scene changes: the histograms of luma (32 levels) of two frames share less than 60%
      (the intersection of Swain and Ballard 1991) and their pixels differ by 0.08 or more on average. A fade is no cut.
    - `frozen_share`: the share of frames that differ from the one before by less than half a level of 255.
    - `temporal_consistency`: the mean correlation of the pixels of two frames, from -1 to 1; flat frames have 1 with an
      equal one and 0 with any other.
    """
    if len(frames) < 2:
        return dict.fromkeys(("motion", "cuts", "frozen_share", "temporal_consistency"))
    luma = np.stack([_small(frame) for frame in frames])
    difference = np.abs(np.diff(luma, axis=0)).mean(axis=(1, 2))
    apart = np.diff(np.asarray(times, np.float64))
    speed = difference[apart > 0] / apart[apart > 0]
    is_cut = (_shared(luma) < _SHARED) & (difference >= _CUT)
    return {
        "motion": float(np.median(speed)) if len(speed) else None,
        "cuts": float(is_cut.sum()),
        "frozen_share": float((difference < _FROZEN).mean()),
        "temporal_consistency": float(_correlations(luma, difference).mean()),
    }


def _small(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    small = Image.fromarray(frame).resize((_SIDE, _SIDE), Image.Resampling.BILINEAR).convert("L")
    return np.asarray(small, np.float64) / 255


def _shared(luma: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return which part of its histogram each frame shares with the next one."""
    levels = np.minimum((luma.reshape(len(luma), -1) * 32).astype(np.int64), 31)
    numbered = levels + 32 * np.arange(len(luma))[:, None]
    histograms = np.bincount(numbered.ravel(), minlength=32 * len(luma)).reshape(len(luma), 32) / levels.shape[1]
    return np.asarray(np.minimum(histograms[:-1], histograms[1:]).sum(axis=1))


def _correlations(luma: npt.NDArray[np.float64], difference: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    flat = luma.reshape(len(luma), -1)
    centred = flat - flat.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(centred, axis=1)
    together, both = (centred[:-1] * centred[1:]).sum(axis=1), spread[:-1] * spread[1:]
    return np.where(both > 1e-9, together / np.maximum(both, 1e-9), (difference < _FROZEN).astype(np.float64))
