"""Decoding of media: bytes in, pixels and samples out, or one sentence that says why not.

Nothing here opens a file: what decodes has the bytes and nothing else. What a decoder may cost in memory and time is
watched from outside, by the process around it (`tasks.media.child`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


class Undecodable(Exception):
    """Raised when a medium cannot be decoded or is over a limit; the message is one sentence that says why."""


class Sound(NamedTuple):
    """Samples in [-1, 1], float32 (n, channels), at `rate` a second; `note` names what could not be decoded."""

    samples: NDArray[np.float32]
    rate: int
    note: str | None = None

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return len(self.samples) / self.rate


class Clip(NamedTuple):
    """Sampled frames, uint8 (k, h, w, 3), and their times in seconds, with what is true of the whole video.

    `frame_count` counts all its frames, not the sampled ones; `width` and `height` are those of the video as it is
    shown, also where the sampled frames are smaller. `note` says what is wrong with a video that can still be watched.
    """

    frames: Pixels
    times: NDArray[np.float64]
    duration_s: float
    fps: float | None
    frame_count: int
    width: int
    height: int
    sound: Sound | None = None
    note: str | None = None
