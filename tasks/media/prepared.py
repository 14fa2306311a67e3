"""The job that makes a medium ready for a model of pictures: decoded and prepared where no torch is loaded."""

from __future__ import annotations

import numpy as np
from pydantic import PositiveInt

from tasks.media.decode import Clip, Sound, Undecodable
from tasks.media.decode.probe import unpack
from tasks.media.job import Answer, Job
from tasks.models.preparation import Preparation


class Prepared(Job):
    """Decode a picture, or `frames` frames of a video, and prepare it: the array `pictures`, uint8 (k, h, w, 3)."""

    preparation: Preparation
    frames: PositiveInt = 1

    def __call__(self, data: bytes) -> Answer:
        """Decode one medium. Raises `Undecodable` if it has nothing to see."""
        seen, content = unpack(data, self.limits, self.frames)
        if seen.error is not None:
            raise Undecodable(seen.error)
        if content is None or isinstance(content, Sound):
            raise Undecodable("it is a sound: there is nothing to see")
        pictures = content.frames if isinstance(content, Clip) else content[None]
        return Answer({}, {"pictures": np.stack([self.preparation.prepare(each) for each in pictures])})
