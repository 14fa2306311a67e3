"""The fingerprint of a video: the bits of its frames, which are compared as a sequence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.signatures.projection import sides, words
from tasks.signatures.sequence import VIDEO, VIDEO_WORDS, Sequence, pack
from tasks.signatures.thumbnail import DETAIL, WHOLE, descriptors, thumbnail


class VideoFingerprint(NamedTuple):
    """What is stored of a video: the algorithm and its version, and 20 bytes for each frame."""

    algorithm: str
    signature: bytes


def fingerprint_video(frames: npt.NDArray[np.uint8], times: npt.NDArray[np.float64]) -> VideoFingerprint:
    """Return the fingerprint of frames (k, height, width, RGB) and their times in seconds, in order.

    Four frames a second are best: a trimmed copy is sampled at other moments, and then two frames are at most an
    eighth of a second apart. Frames without detail, such as black ones, say nothing and are left out.
    """
    if not len(frames):
        return VideoFingerprint(VIDEO, b"")
    small = np.stack([np.frombuffer(thumbnail(frame), np.uint8) for frame in frames])
    vectors, lengths = descriptors(small, WHOLE)
    told = lengths >= DETAIL
    moments = np.round(times * 1000).astype(np.int64)
    return VideoFingerprint(VIDEO, pack(Sequence(moments[told], words(sides(vectors[told], 64 * VIDEO_WORDS)))))
