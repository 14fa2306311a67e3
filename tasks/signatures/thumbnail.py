"""Thumbnails: what is left of a picture in its fingerprint, and the vectors that are compared.

A thumbnail is 40 x 40 levels of luma and 10 x 10 of each chroma (YCbCr), 1800 bytes. Vectors are coefficients of the
discrete cosine transform of a part of it: the cosines are integrated over the pixels, so any rectangle can be
looked at without resampling, and a crop of one picture is compared with the whole of another.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from tasks.signatures.projection import Floats

Bytes = npt.NDArray[np.uint8]
Rectangles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.float64]

ALGORITHM: Final = "thumbnail/1"
SIDE: Final = 40
TINT: Final = 10
SIZE: Final = SIDE * SIDE + 2 * TINT * TINT
# A rectangle: left, right, top, bottom, as parts of the width and the height.
WHOLE: Final = (0.0, 1.0, 0.0, 1.0)
_WAVES: Final = 12
# Below this length a vector is mostly rounding and traces of compression.
DETAIL: Final = 6.0


def thumbnail(picture: Bytes) -> bytes:
    """Return the thumbnail of a picture (height, width, RGB)."""
    whole = Image.fromarray(picture)
    small = _shrunk(whole, SIDE).convert("L").tobytes()
    tint = np.asarray(_shrunk(whole, TINT).convert("YCbCr"))[..., 1:].transpose(2, 0, 1).tobytes()
    return small + tint


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    is_large = min(picture.size) > 2 * side
    return picture.resize((side, side), Image.Resampling.BOX if is_large else Image.Resampling.BILINEAR)


def luma(signatures: Bytes) -> npt.NDArray[np.uint8]:
    """Return the luma of signatures, one a row: (n, 40, 40), from 0 to 255."""
    return signatures[:, : SIDE * SIDE].reshape(-1, SIDE, SIDE)


def tints(signatures: Bytes) -> Numbers:
    """Return both chromas of signatures, one a row: (n, 2, 10, 10), 0 is grey."""
    return signatures[:, SIDE * SIDE :].reshape(-1, 2, TINT, TINT).astype(np.float64) - 128.0


def coefficients(levels: npt.NDArray[np.floating], rectangles: Rectangles, waves: int) -> Numbers:
    """Return the lowest `waves` x `waves` cosine coefficients of a rectangle of each picture (n, side, side)."""
    side = levels.shape[-1]
    down = _cosines(rectangles[:, 2:], waves, side)
    across = _cosines(rectangles[:, :2], waves, side)
    return np.asarray(np.matmul(np.matmul(down, levels), across.transpose(0, 2, 1)))


def descriptors(signatures: Bytes, rectangle: tuple[float, float, float, float]) -> tuple[Floats, Floats]:
    """Return vectors of length 1 that say what a rectangle of each picture shows, and how long they were before.

    They are the coefficients up to 12 half waves, without the mean and times their frequency, for the amplitudes of
    photographs fall with it: so brightness does not count, nor contrast, and the layout counts as much as details.
    """
    v, u = np.mgrid[:_WAVES, :_WAVES]
    frequency = np.hypot(u, v)
    used = (frequency > 0) & (frequency < _WAVES)
    one = np.array([rectangle])
    down = _cosines(one[:, 2:], _WAVES, SIDE)[0].astype(np.float32)
    across = _cosines(one[:, :2], _WAVES, SIDE)[0].astype(np.float32)
    found = np.zeros((len(signatures), int(used.sum())), np.float32)
    for start in range(0, len(signatures), 8192):
        levels = luma(signatures[start : start + 8192]).astype(np.float32)
        found[start : start + 8192] = (down @ levels @ across.T)[:, used]
    found *= frequency[used].astype(np.float32)
    lengths = np.linalg.norm(found, axis=1)
    return found / np.maximum(lengths, 1e-6)[:, None], lengths


def levels(coefficients: Numbers, side: int) -> Numbers:
    """Return the picture, `side` x `side`, that coefficients stand for."""
    waves = np.arange(coefficients.shape[-1])
    places = (np.arange(side) + 0.5) / side
    basis = np.cos(np.pi * waves[:, None] * places) * np.where(waves == 0, 1.0, 2.0)[:, None]
    return np.asarray(np.matmul(np.matmul(basis.T, coefficients), basis))


def _cosines(ends: Numbers, waves: int, side: int) -> Numbers:
    """Return the mean of each half wave between two ends over each pixel: (n, waves, side)."""
    low, high = ends[:, :1], ends[:, 1:]
    edges = np.clip(np.arange(side + 1) / side, low, high)
    places = (edges - low) / (high - low)
    wave = np.arange(waves)[None, :, None]
    integral = np.where(
        wave == 0, places[:, None], np.sin(np.pi * wave * places[:, None]) / (np.pi * np.maximum(wave, 1))
    )
    return np.asarray(np.diff(integral, axis=2))
