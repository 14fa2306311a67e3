"""Sounds, by FFmpeg: float32 samples, at their own rate or at the one a model wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from tasks.media.decode import Sound, Undecodable
from tasks.media.decode.container import Opened, check_ending, check_whole, promised_seconds, streams
from tasks.media.decode.limits import Limits

# Players go on after a damaged packet. A sound that lost more of them is not the one that somebody judged.
_LOST_SHARE = 0.05


def decode_audio(data: bytes, limits: Limits, rate: int | None = None) -> Sound:
    """Decode a sound, or the sound of a video, wholly.

    With `rate` it is mixed to one channel and resampled to it. A few damaged packets are named in `note`. Raises
    `Undecodable`, also for a sound that is notably shorter than its header promises; no length in a header is believed.
    """
    with streams(data, limits) as opened:
        if opened.sound is None:
            raise Undecodable("broken: it has no sound that can be decoded")
        sound = decode_track(opened, limits, rate)
        if opened.pictures is None:
            check_whole(promised_seconds(opened, data), sound.seconds)
            check_ending(opened, data)
        return sound


def decode_track(opened: Opened, limits: Limits, rate: int | None = None) -> Sound:
    """Decode the sound of an opened container from where it stands to its end."""
    track = _Track(limits, rate)
    packets = lost = 0
    is_last_lost = False
    for packet in opened.container.demux(opened.sound):
        packets += 1
        # The last packet of all is an empty one, which asks for what the decoder still holds.
        is_last_lost = is_last_lost and not packet.size
        try:
            for frame in packet.decode():
                track.take(frame)
        except MemoryError:
            raise
        except FFmpegError:
            lost += 1
            is_last_lost = True
    track.end()
    if track.is_empty:
        raise Undecodable("empty: it has no samples" if not lost else "broken: none of its sound can be decoded")
    if lost > max(1, packets * _LOST_SHARE):
        raise Undecodable(f"broken: {lost:,} of {packets:,} packets of sound cannot be decoded")
    if is_last_lost and opened.kind.decoder == "aac":
        raise Undecodable("truncated: its last packet is not complete")
    return track.sound(f"{lost:,} of {packets:,} packets of sound cannot be decoded" if lost else None)


class _Track:
    """Samples as they come, in one growing buffer: no list of pieces that would have to be copied together."""

    def __init__(self, limits: Limits, rate: int | None) -> None:
        self._limits = limits
        self._wanted = rate
        self._resampler: Any = None
        self._buffer = bytearray()
        self.rate = 0
        self.channels: int | None = None

    @property
    def is_empty(self) -> bool:
        return not self._buffer

    def take(self, frame: Any) -> None:
        if self._resampler is None:
            self.rate = self._wanted or frame.sample_rate
            self.channels = 1 if self._wanted else len(frame.layout.channels)
            layout = "mono" if self._wanted else frame.layout
            self._resampler = av.AudioResampler(format="flt", layout=layout, rate=self.rate)
        self._add(self._resampler.resample(_untimed(frame)))

    def end(self) -> None:
        """Take what the resampler still holds."""
        if self._resampler is not None:
            self._add(self._resampler.resample(None))

    def sound(self, note: str | None) -> Sound:
        samples = np.frombuffer(self._buffer, np.float32).reshape(-1, self.channels or 1)
        np.nan_to_num(samples, copy=False, nan=0.0)
        return Sound(np.clip(samples, -1.0, 1.0, out=samples), self.rate, note)

    def _add(self, frames: Iterator[Any]) -> None:
        for frame in frames:
            self._buffer += frame.to_ndarray().tobytes()
        self._limits.check_seconds(len(self._buffer) / (4 * (self.channels or 1) * self.rate))
        if len(self._buffer) > self._limits.max_sound_bytes:
            raise Undecodable(f"too large: its sound unpacks to more than {self._limits.max_sound_bytes:,} bytes")


def _untimed(frame: Any) -> Any:
    """Forget when a frame plays: a gap or a jump in a broken clock would be an error, or silence without end."""
    frame.pts = None
    return frame
