"""Animated pictures (GIF, WebP, PNG, AVIF), by Pillow, which puts their frames together as they are shown.

An animated picture of more than one frame is a video: what people judged is its movement, and two of them that begin
alike are not copies of each other. Its media type stays what it is.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from tasks.media.decode import Clip, Undecodable
from tasks.media.decode.image import opened, rgb, shrunk
from tasks.media.decode.limits import Limits

_ANIMATED = {"GIF", "PNG", "WEBP", "AVIF"}
# Browsers show a frame that asks for no time, or hardly any, for so long.
_DEFAULT_MS = 100.0
_LEAST_MS = 10.0


def is_animated(image: Image.Image) -> bool:
    """Whether a picture has more than one frame; the pages of a TIFF file are not frames."""
    return image.format in _ANIMATED and getattr(image, "n_frames", 1) > 1


def frames_of(seconds: float, frames: int, per_second: float | None) -> int:
    """Say how many frames to take: `frames`, or as many as `per_second` gives if that is less, and at least one."""
    return frames if per_second is None else max(1, min(frames, math.ceil(seconds * per_second)))


def decode_animation(
    data: bytes, limits: Limits, frames: int, size: int | None = None, per_second: float | None = None
) -> Clip:
    """Decode every frame of an animated picture and keep `frames` of them, evenly over its duration.

    With `per_second` no more than so many a second are kept. Raises `Undecodable`, also where a later frame is damaged.
    """
    ends = np.cumsum(_durations(data, limits))
    wanted = frames_of(float(ends[-1]) / 1000, frames, per_second)
    targets = (np.arange(wanted) + 0.5) / max(wanted, 1) * ends[-1]
    chosen = np.unique(np.searchsorted(ends, targets, side="right").clip(max=len(ends) - 1))
    pictures = []
    with opened(data, limits) as image:
        width, height = image.size
        for index in chosen.tolist():
            image.seek(index)
            pictures.append(np.array(shrunk(rgb(image), size)))
    return Clip(
        frames=np.stack(pictures) if pictures else np.empty((0, height, width, 3), np.uint8),
        times=np.concatenate([[0.0], ends])[chosen] / 1000,
        duration_s=float(ends[-1]) / 1000,
        fps=len(ends) * 1000 / float(ends[-1]),
        frame_count=len(ends),
        width=width,
        height=height,
    )


def _durations(data: bytes, limits: Limits) -> list[float]:
    """Decode all frames, one at a time, and return for how many milliseconds each is shown."""
    with opened(data, limits) as image:
        count = getattr(image, "n_frames", 1)
        limits.check_frames(count)
        area = image.width * image.height
        if count * area > limits.max_pixels and count * area * 3 > limits.ratio * len(data):
            raise Undecodable(
                f"too large: its {count:,} frames unpack to more than {limits.ratio} times the bytes it has"
            )
        shown: list[float] = []
        total = 0.0
        for index in range(count):
            image.seek(index)
            image.load()
            asked = float(image.info.get("duration") or 0)
            shown.append(asked if asked > _LEAST_MS else _DEFAULT_MS)
            total += shown[-1]
            limits.check_seconds(total / 1000)
        return shown
