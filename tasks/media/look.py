"""Look: everything that is known of a medium from its bytes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import PositiveFloat, PositiveInt

from tasks.media.decode import Clip, Pixels, Sound
from tasks.media.decode.probe import Probe, unpack
from tasks.media.describe import LOOKED
from tasks.media.fingerprint.audio import fingerprint_audio
from tasks.media.fingerprint.image import fingerprint_image
from tasks.media.fingerprint.video import fingerprint_video
from tasks.media.job import Answer, Arrays, Job
from tasks.media.measure.audio import measure_audio
from tasks.media.measure.image import measure_image
from tasks.media.measure.video import measure_video
from tasks.signatures.sequence import AUDIO, VIDEO
from tasks.signatures.thumbnail import ALGORITHM

_ALGORITHMS: Final = {"image": ALGORITHM, "audio": AUDIO, "video": VIDEO}
FINGERPRINTS: Final = pl.Schema(
    {"media_id": pl.String, "kind": pl.String, "algorithm": pl.String, "signature": pl.Binary}
)


class Look(Job):
    """Decode a medium once: what it is, its measures, and the fingerprints that altered copies are found by.

    Of a video `per_second` frames a second are seen, and `frames` at most, scaled down until their shorter side has
    `size` pixels; of what is measured of pictures it has the mean, and its sound is measured like any other.
    """

    version: ClassVar[int] = 2
    frames: PositiveInt = 240
    per_second: PositiveFloat = 4.0
    size: PositiveInt = 256
    fingerprints: tuple[str, ...] = (ALGORITHM, AUDIO, VIDEO)

    def __call__(self, data: bytes) -> Answer:
        """Answer with the columns of `LOOKED` and with fingerprints, whatever is wrong with the medium."""
        seen, content = unpack(data, self.limits, self.frames, self.size, None, self.per_second)
        if content is None:
            return Answer(seen.row())
        if isinstance(content, Sound):
            return _of_sound(seen, content)
        return _of_clip(seen, content) if isinstance(content, Clip) else _of_picture(seen, content)


def _of_picture(seen: Probe, picture: Pixels) -> Answer:
    found = fingerprint_image(picture)
    return Answer({**seen.row(), **measure_image(picture), "phash": found.phash}, {"image": _bytes(found.signature)})


def _of_sound(seen: Probe, sound: Sound) -> Answer:
    found = fingerprint_audio(sound.samples, sound.rate)
    return Answer({**seen.row(), **measure_audio(sound.samples, sound.rate)}, {"audio": _bytes(found.signature)})


def _of_clip(seen: Probe, clip: Clip) -> Answer:
    looks = [measure_image(frame) for frame in clip.frames]
    means = {name: _mean([look[name] for look in looks]) for name in (looks[0] if looks else ())}
    middle = fingerprint_image(clip.frames[len(clip.frames) // 2]).phash if looks else None
    facts = {**seen.row(), **means, **measure_video(clip.frames, clip.times), "phash": middle}
    prints = {"video": _bytes(fingerprint_video(clip.frames, clip.times).signature)}
    if clip.sound is not None:
        facts |= measure_audio(clip.sound.samples, clip.sound.rate)
    return Answer(facts, prints)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _bytes(signature: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(signature, np.uint8)


# The id of a medium, what a look at it answered, or a sentence that says why it did not.
Seen = tuple[str, Mapping[str, Any], Arrays, str | None]


def as_tables(seen: Sequence[Seen]) -> dict[str, pl.DataFrame]:
    """Put what was seen into `_looked` and `_fingerprints`."""
    rows = [{**facts, "media_id": name, "error": error or facts.get("error")} for name, facts, _, error in seen]
    prints = [
        (name, kind, _ALGORITHMS[kind], signature.tobytes())
        for name, _, arrays, _ in seen
        for kind, signature in arrays.items()
    ]
    return {
        "_looked": pl.DataFrame([{name: row.get(name) for name in LOOKED} for row in rows], schema=LOOKED),
        "_fingerprints": pl.DataFrame(prints, schema=FINGERPRINTS, orient="row"),
    }
