"""Encode pictures, sounds and clips as files, and break such files."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import wave
import zlib
from collections.abc import Mapping

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tasks.demo.media.melodies import RATE

Pixels = NDArray[np.uint8]
Samples = NDArray[np.float32]

FPS = 8
_BOMB = 12_000


def as_png(pixels: Pixels) -> bytes:
    """Write a picture without loss."""
    return _saved(Image.fromarray(pixels), "PNG")


def as_jpeg(pixels: Pixels, quality: int = 90) -> bytes:
    """Write a picture with loss."""
    return _saved(Image.fromarray(pixels), "JPEG", quality=quality)


def resized(pixels: Pixels, share: float) -> Pixels:
    """Make a picture smaller or larger."""
    height, width = (round(side * share) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def as_wav(samples: Samples) -> bytes:
    """Write one channel of sound without loss, with 16 bits a sample."""
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "NONE"))
        file.writeframes(_as_integers(samples).tobytes())
    return sink.getvalue()


def as_mp3(samples: Samples) -> bytes:
    """Write one channel of sound with loss."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp3") as file:
        stream = file.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 32_000
        frame = av.AudioFrame.from_ndarray(_as_integers(samples)[None], format="s16p", layout="mono")
        frame.sample_rate = RATE
        for each in (frame, None):
            file.mux(stream.encode(each))
    return sink.getvalue()


def as_mp4(frames: Pixels, crf: int = 18) -> bytes:
    """Write frames (count, height, width, 3) as a video; the larger `crf`, the more is lost."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=FPS, options={"crf": str(crf), "preset": "veryfast", "threads": "1"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for pixels in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
    return sink.getvalue()


def as_tar_gz(files: Mapping[str, bytes]) -> bytes:
    """Pack files; equal files give equal bytes."""
    sink = io.BytesIO()
    # Neither the archive nor what is in it says when it was made.
    with gzip.GzipFile(fileobj=sink, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return sink.getvalue()


def bomb() -> bytes:
    """Write a grey PNG of 12,000 x 12,000 pixels: less than 200 KB, which a decoder would unpack to 144 MB."""
    header = struct.pack(">IIBBBBB", _BOMB, _BOMB, 8, 0, 0, 0, 0)
    press = zlib.compressobj()
    rows = bytes(_BOMB + 1) * 100
    packed = b"".join([*[press.compress(rows) for _ in range(_BOMB // 100)], press.flush()])
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    sink = io.BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()


def _as_integers(samples: Samples) -> NDArray[np.int16]:
    return np.round(np.clip(samples, -1, 1) * 32_767).astype("<i2")
