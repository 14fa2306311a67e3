"""Videos, by FFmpeg: a few frames, evenly over the real duration, and the sound."""

from __future__ import annotations

import math
import sys
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from av.error import FFmpegError

from tasks.media.decode import Clip, Pixels, Sound, Undecodable
from tasks.media.decode.animation import decode_animation, frames_of
from tasks.media.decode.audio import decode_audio
from tasks.media.decode.container import Opened, check_ending, check_whole, promised_seconds, streams
from tasks.media.decode.image import scaled
from tasks.media.decode.limits import Limits
from tasks.media.decode.sniff import sniff

# Every frame of a video is decoded up to so many pixels (a minute of 640 x 360); of a larger one, only what leads to
# the sampled frames.
_WHOLE_PIXELS = 400_000_000
_LOST_SHARE = 0.05


def decode_video(
    data: bytes,
    limits: Limits,
    frames: int,
    size: int | None = None,
    *,
    rate: int | None = None,
    with_sound: bool = True,
    per_second: float | None = None,
) -> Clip:
    """Decode `frames` frames of a video or an animated picture, in the middles of as many equal parts of its duration.

    Fewer frames come back where it has fewer, and with `per_second` no more than so many a second. With `size`, larger
    frames are scaled down until their shorter side has so many pixels; `rate` is as in `decode_audio`. Sound that
    cannot be decoded is None, and `note` says why. Duration, frame rate and number of frames are counted, not read from
    a header. No more than `frames` frames are held
    at once. Raises `Undecodable`, also for a truncated video.
    """
    limits.check_bytes(len(data))
    if sniff(data).family == "picture":
        return decode_animation(data, limits, frames, size, per_second)
    with streams(data, limits) as opened:
        if opened.pictures is None:
            raise Undecodable("broken: it has no pictures that can be decoded")
        context = opened.pictures.codec_context
        limits.check_size(context.width, context.height)
        timeline = _timeline(opened, limits)
        _check_complete(opened, timeline, data)
        has_sound = opened.sound is not None
    with streams(data, limits) as opened:
        picked = _Picker(timeline, frames_of(timeline.seconds, frames, per_second), size, limits)
        lost = picked.run(opened)
    timeline = timeline._replace(frame_count=picked.counted)
    sound, note = _sound(data, limits, rate) if has_sound and with_sound else (None, None)
    notes = [f"{lost:,} of its frames cannot be decoded" if lost else None, note]
    return Clip(
        frames=picked.pixels(),
        times=np.array(picked.times, np.float64),
        duration_s=timeline.seconds,
        fps=timeline.fps,
        frame_count=timeline.frame_count,
        width=picked.shape[0],
        height=picked.shape[1],
        sound=sound,
        note="; ".join(filter(None, notes)) or None,
    )


def _sound(data: bytes, limits: Limits, rate: int | None) -> tuple[Sound | None, str | None]:
    """Decode the sound; pictures without it are still worth having."""
    try:
        sound = decode_audio(data, limits, rate)
    except Undecodable as error:
        return None, f"no sound: {error}"
    return sound, sound.note


class _Timeline(NamedTuple):
    """When the frames of a video are shown, told from its packets alone: where it begins, ends and can be entered."""

    frame_count: int
    start: float
    end: float
    last: float
    keys: list[tuple[float, int]]

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def fps(self) -> float | None:
        """Frames a second, over all of them; not known of a single frame."""
        return (self.frame_count - 1) / (self.last - self.start) if self.last > self.start else None


def _timeline(opened: Opened, limits: Limits) -> _Timeline:
    """Walk over all packets without decoding them."""
    stream = opened.pictures
    step = float(1 / stream.average_rate) if stream.average_rate else 0.04
    times: list[float] = []
    keys: list[tuple[float, int]] = []
    for packet in opened.container.demux(stream):
        if not packet.size or packet.is_discard:
            continue
        ticks = packet.pts if packet.pts is not None else packet.dts
        time = float(ticks * packet.time_base) if ticks is not None else len(times) * step
        times.append(time)
        limits.check_frames(len(times))
        limits.check_seconds(max(times[-1] - times[0], 0.0))
        if packet.is_keyframe and ticks is not None:
            keys.append((time, ticks))
    if not times:
        raise Undecodable("empty: it has no frames")
    shown = sorted(times)
    last = shown[-1]
    step = (last - shown[0]) / (len(shown) - 1) if last > shown[0] else step
    return _Timeline(len(shown), shown[0], last + step, last, sorted(keys))


def _check_complete(opened: Opened, timeline: _Timeline, data: bytes) -> None:
    stream = opened.pictures
    missing = (stream.frames or 0) - timeline.frame_count
    if opened.kind.decoder == "mov" and missing > max(1, 0.02 * stream.frames):
        raise Undecodable(f"truncated: it promises {stream.frames:,} frames and holds {timeline.frame_count:,}")
    promised = promised_seconds(opened, data)
    if promised is not None:
        check_whole(promised, _last_end(opened, timeline))
    check_ending(opened, data)


def _last_end(opened: Opened, timeline: _Timeline) -> float:
    """When the last of its streams ends: sound may go on after the pictures."""
    end = timeline.end
    if opened.sound is None:
        return end
    opened.container.seek(0)
    for packet in opened.container.demux(opened.sound):
        if packet.pts is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end


class _Picker:
    """Takes the frame that is shown at each wanted time, holding no other but the one before."""

    def __init__(self, timeline: _Timeline, frames: int, size: int | None, limits: Limits) -> None:
        self._timeline = timeline
        self._size = size
        self._limits = limits
        parts = (np.arange(frames) + 0.5) / max(frames, 1)
        self._wanted = (timeline.start + parts * timeline.seconds).tolist()
        self._most = frames
        self._taken: Pixels | None = None
        self._entered = -math.inf
        self.times: list[float] = []
        self.shape = (0, 0)
        self.counted = timeline.frame_count

    def run(self, opened: Opened) -> int:
        """Decode and pick; return how many frames could not be decoded."""
        context = opened.pictures.codec_context
        is_whole = self._timeline.frame_count * context.width * context.height <= _WHOLE_PIXELS
        before: Any = None
        lost = seen = 0
        for frame in _frames(opened, None if is_whole else self._next_key):
            if frame is None:
                lost += 1
                continue
            seen += 1
            lost += is_whole and frame.is_corrupt
            time = frame.time if frame.time is not None else self._timeline.start + seen / (self._timeline.fps or 25)
            self._limits.check_size(frame.width, frame.height)
            while self._wanted and time > self._wanted[0] and before is not None:
                self._take(*before)
                self._wanted.pop(0)
            before = (time, frame)
            self.shape = self.shape if any(self.shape) else _shown_shape(frame)
            if not is_whole and not self._wanted:
                break
        self._finish(before, lost, seen)
        # Some packets hold no frame that is ever shown, and a damaged one shows what it can.
        self.counted = seen if is_whole else self.counted
        return lost

    def _finish(self, before: Any, lost: int, seen: int) -> None:
        if before is None:
            raise Undecodable("broken: none of its frames can be decoded")
        if lost > max(1, (lost + seen) * _LOST_SHARE):
            raise Undecodable(f"broken: {lost:,} of its {self._timeline.frame_count:,} frames cannot be decoded")
        if self._wanted:
            self._take(*before)

    def pixels(self) -> Pixels:
        if self._taken is not None:
            return self._taken[: len(self.times)]
        return np.empty((0, *scaled(*self.shape, self._size)[::-1], 3), np.uint8)

    def _next_key(self, position: float) -> int | None:
        """Where to enter the video for the next wanted frame, if that is further on than where it stands."""
        target = self._wanted[0] if self._wanted else position
        keys = self._timeline.keys
        at = bisect_right(keys, (target, sys.maxsize)) - 1
        if at < 0 or keys[at][0] <= max(position, self._entered):
            return None
        self._entered, ticks = keys[at]
        return ticks

    def _take(self, time: float, frame: Any) -> None:
        if self.times and self.times[-1] == time - self._timeline.start:
            return
        self.times.append(time - self._timeline.start)
        turned = _turns(frame) % 2
        width, height = scaled(*self.shape, self._size)
        width, height = (height, width) if turned else (width, height)
        picture = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="BICUBIC")
        upright = np.rot90(picture, _turns(frame))
        if self._taken is None:
            self._taken = np.empty((self._most, *upright.shape), np.uint8)
        self._taken[len(self.times) - 1] = upright


def _frames(opened: Opened, next_key: Any) -> Iterator[Any]:
    """Yield the frames in the order of showing, None for a packet that cannot be decoded."""
    container, stream = opened.container, opened.pictures
    packets = container.demux(stream)
    while (packet := next(packets, None)) is not None:
        try:
            decoded = packet.decode()
        except MemoryError:
            raise
        except FFmpegError:
            yield None
            continue
        for frame in decoded:
            yield frame
            ticks = next_key(frame.time) if next_key is not None and frame.time is not None else None
            if ticks is not None:
                container.seek(ticks, stream=stream)
                packets = container.demux(stream)
                break


def _turns(frame: Any) -> int:
    """How many quarter turns against the clock show the frame upright."""
    return int(round(frame.rotation / 90) % 4)


def _shown_shape(frame: Any) -> tuple[int, int]:
    return (frame.height, frame.width) if _turns(frame) % 2 else (frame.width, frame.height)
