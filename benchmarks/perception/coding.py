"""Sounds and videos through encoders and back."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np


class Sound(NamedTuple):
    """One channel of samples from -1 to 1."""

    samples: np.ndarray
    rate: int


class Clip(NamedTuple):
    """Frames (k, height, width, RGB) at an even rate."""

    frames: np.ndarray
    rate: int


def coded_sound(sound: Sound, codec: str, container: str, bit_rate: int | None = None) -> Sound:
    """Encode and decode a sound."""
    data = io.BytesIO()
    with av.open(data, "w", format=container) as output:
        stream = output.add_stream(codec, rate=sound.rate, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(sound.samples[None].astype(np.float32), format="flt", layout="mono")
        frame.sample_rate = sound.rate
        fitting = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=sound.rate)
        for part in [*fitting.resample(frame), *fitting.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    data.seek(0)
    return read_sound(data)


def read_sound(place: Path | io.BytesIO, most_seconds: float = 60.0) -> Sound:
    """Decode the first sound of a file, mixed to one channel."""
    with av.open(place if isinstance(place, io.BytesIO) else str(place)) as opened:
        rate = opened.streams.audio[0].rate
        mixing = av.AudioResampler(format="fltp", layout="mono", rate=rate)
        parts, samples = [], 0
        for frame in opened.decode(audio=0):
            parts += [each.to_ndarray()[0] for each in mixing.resample(frame)]
            samples += frame.samples
            if samples > most_seconds * rate:
                break
    return Sound(np.concatenate(parts), rate)


def at_rate(sound: Sound, rate: int) -> Sound:
    """Resample a sound."""
    frame = av.AudioFrame.from_ndarray(sound.samples[None].astype(np.float32), format="fltp", layout="mono")
    frame.sample_rate = sound.rate
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate)
    parts = [part.to_ndarray()[0] for part in [*resampler.resample(frame), *resampler.resample(None)]]
    return Sound(np.concatenate(parts), rate)


def coded_video(clip: Clip, codec: str, container: str, **options: str) -> Clip:
    """Encode and decode frames; both sides are cut to even numbers of pixels."""
    data = io.BytesIO()
    height, width = (side // 2 * 2 for side in clip.frames.shape[1:3])
    with av.open(data, "w", format=container) as output:
        stream = output.add_stream(codec, rate=Fraction(clip.rate), options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        for picture in clip.frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    data.seek(0)
    with av.open(data) as opened:
        frames = [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]
    return Clip(np.stack(frames), clip.rate)


def read_video(path: Path, rate: int, most_seconds: float, width: int) -> Clip:
    """Decode the frames of a video nearest to an even rate, scaled to a width."""
    frames: list[np.ndarray] = []
    with av.open(str(path)) as opened:
        for frame in opened.decode(video=0):
            at = float(frame.time or 0.0)
            if at * rate >= len(frames):
                height = max(2, round(frame.height * width / frame.width) // 2 * 2)
                picture = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
                frames += [picture] * max(1, min(int(at * rate) + 1 - len(frames), rate))
            if at > most_seconds:
                break
    return Clip(np.stack(frames), rate)
