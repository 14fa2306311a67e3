"""What the table `media` says of a medium, and what it holds."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from tasks.media.decode import Clip, Pixels, Sound, Undecodable
from tasks.media.decode.animation import is_animated
from tasks.media.decode.audio import decode_audio
from tasks.media.decode.container import streams
from tasks.media.decode.image import decode_image, opened
from tasks.media.decode.limits import Limits
from tasks.media.decode.sniff import Kind, sniff
from tasks.media.decode.video import decode_video

Modality = Literal["image", "audio", "video"]
Content = Pixels | Sound | Clip


class Probe(NamedTuple):
    """One row of `media`, without its ids. `error` is None, or one sentence that says why it cannot be decoded.

    `note` is about a medium that can be decoded all the same, such as a video whose sound is broken.
    """

    bytes: int
    modality: Modality | None = None
    mime: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    fps: float | None = None
    frames: int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    error: str | None = None
    note: str | None = None

    def row(self) -> dict[str, Any]:
        """Return the columns by name."""
        return self._asdict()


def probe(data: bytes, limits: Limits) -> Probe:
    """Decode a medium and say what it is. Never raises for what is wrong with it: that is its `error`.

    All of a picture, an animated picture and a sound is decoded, and of a video all that `decode_video` decodes, so a
    file that was cut off is found.
    """
    return unpack(data, limits, frames=1)[0]


def unpack(
    data: bytes,
    limits: Limits,
    frames: int,
    size: int | None = None,
    rate: int | None = None,
    per_second: float | None = None,
) -> tuple[Probe, Content | None]:
    """Decode a medium once: what it is, and its picture, sound or clip, None where it cannot be decoded.

    `frames`, `size` and `per_second` are those of `decode_video`, `rate` that of `decode_audio`; a picture stays whole.
    """
    seen = Probe(bytes=len(data))
    try:
        limits.check_bytes(len(data))
        kind = sniff(data)
        seen = seen._replace(mime=kind.mime, modality=_likely(kind))
        modality = _modality(data, kind, limits)
        seen = seen._replace(modality=modality, mime=_mime(kind, modality))
        if modality == "image":
            return _of_picture(seen, decode_image(data, limits))
        if modality == "audio":
            return _of_sound(seen, decode_audio(data, limits, rate))
        return _of_clip(seen, decode_video(data, limits, frames, size, rate=rate, per_second=per_second))
    except Undecodable as error:
        return seen._replace(error=str(error)), None


def _likely(kind: Kind) -> Modality | None:
    """What a medium is if it cannot even be opened: of a stream nobody knows."""
    words: dict[str, Modality | None] = {"picture": "image", "sound": "audio", "stream": None}
    return words[kind.family]


def _modality(data: bytes, kind: Kind, limits: Limits) -> Modality:
    """Tell what it is to a person: a film without pictures is a sound, a picture that moves is a video."""
    if kind.family == "picture":
        with opened(data, limits) as image:
            return "video" if is_animated(image) else "image"
    with streams(data, limits) as found:
        if found.pictures is None and found.sound is None:
            raise Undecodable("broken: it has neither pictures nor sound that can be decoded")
        return "audio" if found.pictures is None else "video"


def _mime(kind: Kind, modality: Modality) -> str:
    is_only_sound = kind.family == "stream" and modality == "audio"
    return kind.mime.replace("video/", "audio/") if is_only_sound else kind.mime


def _of_picture(seen: Probe, picture: Pixels) -> tuple[Probe, Content]:
    height, width = picture.shape[:2]
    return seen._replace(width=width, height=height), picture


def _of_sound(seen: Probe, sound: Sound) -> tuple[Probe, Content]:
    about = {"sample_rate": sound.rate, "channels": sound.samples.shape[1], "note": sound.note}
    return seen._replace(duration_s=sound.seconds, **about), sound


def _of_clip(seen: Probe, clip: Clip) -> tuple[Probe, Content]:
    seen = seen._replace(
        width=clip.width, height=clip.height, duration_s=clip.duration_s, fps=clip.fps, frames=clip.frame_count
    )
    if clip.sound is not None:
        seen = seen._replace(sample_rate=clip.sound.rate, channels=clip.sound.samples.shape[1])
    return seen._replace(note=clip.note), clip
