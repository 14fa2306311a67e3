"""Planted videos: scenes of films, flights over photographs and drawn motion, and edits that make copies of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import av
import numpy as np
from perception.coding import Clip, coded_video, read_video
from PIL import Image, ImageDraw

RATE: Final = 12
_WIDTH: Final = 192
_SECONDS: Final = 4
# A colour chart, a picture that stands still, and films that lie there twice.
_LEFT_OUT: Final = ("bitmap", "-video-with-dash-", "smpte", "no_duration", "transparent", "test5", "baby")


class Original(NamedTuple):
    """A video that nothing else is a copy of."""

    name: str
    clip: Clip


def films(media: Path) -> Iterator[Original]:
    """Yield up to two scenes of four seconds of each film, six seconds apart."""
    for path in sorted(media.rglob("*")):
        if path.suffix not in (".mp4", ".webm", ".avi") or path.stem.startswith(_LEFT_OUT):
            continue
        try:
            clip = read_video(path, RATE, 15.0, _WIDTH)
        except (av.FFmpegError, IndexError, ValueError):
            continue
        for number, start in enumerate((0, 10 * RATE)):
            scene = clip.frames[start : start + _SECONDS * RATE]
            if len(scene) >= 2 * RATE:
                yield Original(f"{path.stem}-{number}", Clip(scene, RATE))


def made(count: int, photographs: list[Image.Image], rng: np.random.Generator) -> Iterator[Original]:
    """Make videos of three to seven seconds, in turn flights over photographs and shapes that move."""
    for number in range(count):
        frames = int(rng.uniform(3, 7) * RATE)
        way = _flight(photographs[number % len(photographs)], frames, rng) if number % 2 else _shapes(frames, rng)
        yield Original(f"made-{number}", Clip(np.stack([np.asarray(picture) for picture in way]), RATE))


def _flight(photograph: Image.Image, frames: int, rng: np.random.Generator) -> list[Image.Image]:
    """Fly over a photograph from one part of it to another one."""
    ends = []
    for _ in range(2):
        part = float(rng.uniform(0.35, 0.8))
        left, top = rng.uniform(0, 1 - part, size=2)
        ends.append(np.array([left, top, left + part, top + part]) * np.tile(photograph.size, 2))
    steps = np.linspace(0, 1, frames)
    boxes = [tuple(float(edge) for edge in (1 - step) * ends[0] + step * ends[1]) for step in steps]
    return [photograph.resize((_WIDTH, 144), Image.Resampling.BILINEAR, box=box) for box in boxes]  # type: ignore[arg-type]


def _shapes(frames: int, rng: np.random.Generator) -> list[Image.Image]:
    """Let some discs bounce over a floor."""
    count = int(rng.integers(3, 7))
    place, speed = rng.uniform(20, 120, size=(count, 2)), rng.uniform(-60, 60, size=(count, 2)) / RATE
    size, colours = rng.uniform(8, 30, size=count), rng.integers(0, 256, size=(count + 2, 3)).tolist()
    made = []
    for _ in range(frames):
        picture = Image.new("RGB", (_WIDTH, 144), tuple(colours[-1]))
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 144 - size[0], _WIDTH, 144), fill=tuple(colours[-2]))
        for (x, y), radius, colour in zip(place.tolist(), size.tolist(), colours[:count], strict=True):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tuple(colour))
        place += speed
        speed = np.where((place < 0) | (place > (_WIDTH, 144)), -speed, speed)
        made.append(picture)
    return made


def sampled(clip: Clip, a_second: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """Return the frames nearest to even moments, and their times."""
    count = max(1, int(len(clip.frames) / clip.rate * a_second))
    which = np.minimum(np.round(np.arange(count) * clip.rate / a_second).astype(int), len(clip.frames) - 1)
    return clip.frames[which], which / clip.rate


def _scaled(factor: float) -> Callable[[Clip], Clip]:
    def edit(clip: Clip) -> Clip:
        height, width = clip.frames.shape[1:3]
        size = (round(width * factor) // 2 * 2, round(height * factor) // 2 * 2)
        return Clip(np.stack([np.asarray(Image.fromarray(frame).resize(size)) for frame in clip.frames]), clip.rate)

    return edit


def _cut(start: float, end: float) -> Callable[[Clip], Clip]:
    def edit(clip: Clip) -> Clip:
        count = len(clip.frames)
        return Clip(clip.frames[round(start * count) : round((1 - end) * count)], clip.rate)

    return edit


def _brighter(clip: Clip) -> Clip:
    return Clip((clip.frames * 1.2).clip(0, 255).astype(np.uint8), clip.rate)


def _slower(clip: Clip) -> Clip:
    """Show every second frame for twice as long."""
    return Clip(clip.frames[::2], clip.rate // 2)


EDITS: Final[dict[str, Callable[[Clip], Clip]]] = {
    "H.264, CRF 28": lambda clip: coded_video(clip, "libx264", "mp4", crf="28", preset="veryfast"),
    "MPEG-4": lambda clip: coded_video(clip, "mpeg4", "avi", qscale="8"),
    "VP8": lambda clip: coded_video(clip, "libvpx", "webm", **{"deadline": "realtime", "cpu-used": "8"}),
    "half the size": _scaled(0.5),
    "twice the size, H.264": lambda clip: EDITS["H.264, CRF 28"](_scaled(2)(clip)),
    "15% cut off at the start": _cut(0.15, 0),
    "30% cut off at the end": _cut(0, 0.3),
    "13% cut off at both ends, H.264": lambda clip: EDITS["H.264, CRF 28"](_cut(0.13, 0.13)(clip)),
    "half the frames": _slower,
    "brightness + 20%": _brighter,
}
