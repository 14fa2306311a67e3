"""Small real pictures, sounds and videos, each known by its name, in the forms in which published rows hold them."""

import base64
import hashlib
import io
import wave
from functools import cache

import av
import numpy as np
from PIL import Image


def _random(name):
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big"))


@cache
def data_of(name):
    """The bytes of the file called `name`: what it is follows from its ending, what it shows from its stem."""
    ending = name.rpartition(".")[2]
    return {"png": _picture, "jpg": _picture, "webp": _picture, "wav": _sound, "mp4": _video}[ending](name, ending)


def _picture(name, ending):
    target = io.BytesIO()
    rough = _random(name).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(rough).save(target, {"jpg": "JPEG"}.get(ending, ending.upper()))
    return target.getvalue()


def _sound(name, _):
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(_random(name).integers(-9000, 9000, 400, dtype=np.int16).tobytes())
    return target.getvalue()


def _video(name, _):
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=8)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for _ in range(4):
            pixels = np.kron(_random(name).integers(0, 255, (4, 4, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8))
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
    return target.getvalue()


def held(name, path=None):
    """A feature of `datasets` as Parquet holds it: bytes, and perhaps the name of the file that they come from."""
    return {"bytes": {"$bytes": base64.b64encode(data_of(name)).decode()}, "path": path}


def bare(name):
    """Bytes in a column of their own."""
    return {"$bytes": base64.b64encode(data_of(name)).decode()}


def heard(name):
    """A sound as `datasets` gives it decoded."""
    samples = np.frombuffer(data_of(name)[44:], np.int16) / 32768
    return {"array": samples.tolist(), "sampling_rate": 8000}


FILES = [
    f"{name}.{ending}" for name in ("cat", "dog", "bird", "cow", "mask") for ending in ("png", "jpg", "wav", "mp4")
]


@cache
def names():
    """The names of the files made here, by the ids of their media."""
    return {hashlib.sha256(data_of(name)).hexdigest()[:32]: name for name in FILES}
