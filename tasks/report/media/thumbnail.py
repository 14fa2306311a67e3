"""Small pictures for a page: JPEG, bounded in size whatever they show."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE: Final = 160
MOST_BYTES: Final = 12_000
# Noise and crowds take more bytes than most pictures; they are seen well enough at a lower quality.
_QUALITIES: Final = (70, 50, 30, 10)


def thumbnail(pixels: NDArray[np.uint8], side: int = SIDE) -> bytes:
    """Return a picture (h, w, 3) as a JPEG whose longer side has at most `side` pixels; it is never made larger.

    The quality is 70, or lower where more than 12,000 bytes would be needed.
    """
    image = Image.fromarray(pixels)
    factor = min(1.0, side / max(image.size))
    width, height = (max(1, round(each * factor)) for each in image.size)
    if factor < 1.0:
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    made = b""
    for quality in _QUALITIES:
        made = _encoded(image, quality)
        if len(made) <= MOST_BYTES:
            break
    return made


def _encoded(image: Image.Image, quality: int) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=quality, optimize=True)
    return sink.getvalue()
