"""Small real media: pictures, sounds and videos, each another content by its number."""

from __future__ import annotations

import io
import wave
from fractions import Fraction

import av
import numpy as np
from PIL import Image


def picture(number: int, kind: str = "PNG") -> bytes:
    """A square of one colour."""
    target = io.BytesIO()
    Image.new("RGB", (16, 16), (number * 7 % 256, number * 31 % 256, 90)).save(target, kind)
    return target.getvalue()


def sound(number: int, rate: int = 8_000) -> bytes:
    """A quarter of a second of a tone."""
    times = np.arange(rate // 4) / rate
    samples = (np.sin(2 * np.pi * (200 + 10 * number) * times) * 20_000).astype("<i2")
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return target.getvalue()


def video(number: int) -> bytes:
    """Four frames of a grey that grows."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        stream.time_base = Fraction(1, 8)
        for at in range(4):
            grey = np.full((32, 32, 3), (number * 13 + at * 20) % 256, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode())
    return target.getvalue()


def frames(data: bytes) -> int:
    """How many frames a video has."""
    with av.open(io.BytesIO(data)) as container:
        return sum(1 for _ in container.decode(video=0))


def samples(data: bytes) -> tuple[int, int]:
    """How many samples a sound has, and how many of them a second."""
    with av.open(io.BytesIO(data)) as container:
        decoded = list(container.decode(audio=0))
        return sum(frame.samples for frame in decoded), decoded[0].sample_rate
