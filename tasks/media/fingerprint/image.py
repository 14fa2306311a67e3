"""The fingerprint of a picture: a thumbnail, which is what is compared, and a hash for people to look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.signatures.thumbnail import ALGORITHM, WHOLE, coefficients, luma, thumbnail

_WAVES = 8


class ImageFingerprint(NamedTuple):
    """What is stored of a picture: the algorithm and its version, 1800 bytes, and 16 hexadecimal digits."""

    algorithm: str
    signature: bytes
    phash: str


def fingerprint_image(picture: npt.NDArray[np.uint8]) -> ImageFingerprint:
    """Return the fingerprint of a picture (height, width, RGB) of at least one pixel."""
    signature = thumbnail(picture)
    return ImageFingerprint(ALGORITHM, signature, _phash(np.frombuffer(signature, np.uint8)))


def _phash(signature: npt.NDArray[np.uint8]) -> str:
    """Return 64 bits: which of the lowest 8 x 8 cosine coefficients of luma lie above their median (Zauner 2010)."""
    levels = luma(signature[None]).astype(np.float64)
    # Rounding keeps the bits of coefficients that are 0 but for the last digit the same everywhere.
    waves = coefficients(levels, np.array([WHOLE]), _WAVES).ravel().round(6)
    return np.packbits(waves > np.median(waves)).tobytes().hex()
