"""Sequences: what is left of a sound or a video in its fingerprint: bits of what is heard or seen at some times."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.signatures.projection import Words

AUDIO: Final = "spectrum/1"
VIDEO: Final = "frames/1"
# Words of 64 bits at each time.
AUDIO_WORDS: Final = 1
VIDEO_WORDS: Final = 2

Times = npt.NDArray[np.int64]


class Sequence(NamedTuple):
    """Times in milliseconds, in order, and the words (n, words) that belong to them."""

    times: Times
    words: Words


def pack(sequence: Sequence) -> bytes:
    """Write a sequence as bytes: four for each time and eight for each word, the lowest first."""
    rows = np.zeros(len(sequence.times), _layout(sequence.words.shape[1]))
    rows["time"], rows["words"] = sequence.times, sequence.words
    return rows.tobytes()


def unpack(signature: bytes, count: int) -> Sequence:
    """Read a sequence with `count` words at each time."""
    rows = np.frombuffer(signature, _layout(count))
    return Sequence(rows["time"].astype(np.int64), np.ascontiguousarray(rows["words"]))


def _layout(count: int) -> np.dtype[np.void]:
    return np.dtype([("time", "<u4"), ("words", "<u8", (count,))])
