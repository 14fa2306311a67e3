"""The jobs that decode: the pixels, frames or samples of media, for whoever wants to see or hear them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import NonNegativeInt, PositiveInt

from tasks.media.decode.audio import decode_audio
from tasks.media.decode.image import decode_image
from tasks.media.decode.video import decode_video
from tasks.media.job import Answer, Job


class Pixels(Job):
    """Decode pictures: the array `pixels`, uint8 (h, w, 3), its shorter side at most `size`."""

    size: PositiveInt | None = None

    def __call__(self, data: bytes) -> Answer:
        """Decode one picture."""
        return Answer({}, {"pixels": decode_image(data, self.limits, self.size)})


class Frames(Job):
    """Decode videos: the arrays `frames`, uint8 (k, h, w, 3), and `times`, and with `rate` the mono sound `samples`."""

    frames: NonNegativeInt = 8
    size: PositiveInt | None = None
    rate: PositiveInt | None = None

    def __call__(self, data: bytes) -> Answer:
        """Decode one video; the facts say what is true of the whole of it."""
        is_heard = self.rate is not None
        clip = decode_video(data, self.limits, self.frames, self.size, rate=self.rate, with_sound=is_heard)
        facts = {"duration_s": clip.duration_s, "fps": clip.fps, "frames": clip.frame_count, "note": clip.note}
        arrays: dict[str, NDArray[np.generic]] = {"frames": clip.frames, "times": clip.times}
        if clip.sound is not None:
            arrays["samples"] = clip.sound.samples[:, 0]
        return Answer(facts, arrays)


class Samples(Job):
    """Decode sounds, and the sound of videos: the array `samples`, float32 (n,), mono at `rate`."""

    rate: PositiveInt = 16_000

    def __call__(self, data: bytes) -> Answer:
        """Decode one sound."""
        sound = decode_audio(data, self.limits, self.rate)
        samples = np.ascontiguousarray(sound.samples[:, 0])
        return Answer({"duration_s": sound.seconds, "note": sound.note}, {"samples": samples})
