"""Measures of a picture: its form, and how sharp, light and rich it is."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

# Pictures are measured with so many pixels at the longer side, so that sharpness does not depend on resolution.
_SIDE: Final = 512


def measure_image(picture: npt.NDArray[np.uint8]) -> dict[str, float | None]:
    """Return the measures of a picture (height, width, RGB); None for a picture without pixels, or what needs more.

    - `aspect`: width by height.
    - `sharpness`: the variance of the Laplacian (Pech-Pacheco et al. 2000) of luma from 0 to 255, after the longer side
      was brought to 512 pixels if it is longer; None below 3 x 3 pixels. A blurred picture has little of it.
    - `brightness`: the mean of luma (ITU-R BT.601), from 0, black, to 1, white.
    - `contrast`: the standard deviation of luma from 0 to 1 (RMS contrast, Peli 1990).
    - `entropy`: of the histogram of luma in 256 levels (Shannon 1948), from 0 bits, one level, to 8.
    """
    height, width = picture.shape[:2]
    if height == 0 or width == 0:
        return dict.fromkeys(("aspect", "sharpness", "brightness", "contrast", "entropy"))
    luma = Image.fromarray(picture).convert("L")
    levels = np.asarray(luma)
    shares = np.bincount(levels.ravel(), minlength=256) / levels.size
    grey = np.arange(256) / 255
    mean = float((shares * grey).sum())
    used = shares[shares > 0]
    luma.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    return {
        "aspect": width / height,
        "sharpness": _sharpness(np.asarray(luma, np.float32)),
        "brightness": mean,
        "contrast": float(np.sqrt((shares * (grey - mean) ** 2).sum())),
        # Adding 0 makes the 0 of a single level a positive one.
        "entropy": float(-(used * np.log2(used)).sum()) + 0.0,
    }


def _sharpness(luma: npt.NDArray[np.float32]) -> float | None:
    if min(luma.shape) < 3:
        return None
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.var(around - 4 * luma[1:-1, 1:-1], dtype=np.float64))
