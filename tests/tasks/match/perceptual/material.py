"""Pictures, sounds and videos to fingerprint."""

import io

import numpy as np
import polars as pl
from PIL import Image, ImageDraw

from tasks.media.fingerprint.audio import fingerprint_audio
from tasks.media.fingerprint.image import fingerprint_image
from tasks.media.fingerprint.video import fingerprint_video

SIDE = 240


def landscape(seed, side=SIDE):
    """Noise with the spectrum of photographs."""
    rng = np.random.default_rng(seed)
    y, x = np.meshgrid(np.fft.fftfreq(side), np.fft.rfftfreq(side), indexing="ij")
    fall = 1 / np.maximum(np.hypot(x, y), 1 / side)
    layers = [np.fft.irfft2(np.fft.rfft2(rng.standard_normal((side, side))) * fall) for _ in range(2)]
    light, tint = (layer / layer.std() for layer in layers)
    mixed = 128 + 45 * light[..., None] + 20 * tint[..., None] * rng.uniform(-1, 1, size=3)
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def circle(x, y=0.5, colour="red", ground="white"):
    picture = Image.new("RGB", (SIDE, SIDE), ground)
    at, radius = (x * SIDE, y * SIDE), 30
    ImageDraw.Draw(picture).ellipse((at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius), fill=colour)
    return picture


def saved(picture, **how):
    data = io.BytesIO()
    picture.save(data, **how)
    return Image.open(data).convert("RGB")


def cropped(picture, part):
    width, height = picture.size
    return picture.crop(
        (round(part * width), round(part * height), round((1 - part) * width), round((1 - part) * height))
    )


def tune(seed, seconds=4.0, rate=22_050):
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    notes = rng.integers(0, 24, size=int(seconds / 0.25) + 1)[(time / 0.25).astype(int)]
    phase = 2 * np.pi * np.cumsum(220 * 2 ** (notes / 12)) / rate
    return (0.2 * np.exp(-2 * (time % 0.25) / 0.25) * (np.sin(phase) + 0.5 * np.sin(2 * phase))).astype(
        np.float32
    ), rate


def flight(seed, frames=32):
    """Frames of a slow flight over a landscape, eight a second."""
    picture, step = np.asarray(landscape(seed)), 3
    return np.stack([picture[at * step : at * step + 140, at : at + 160] for at in range(frames)])


def of_pictures(**given):
    rows = [(name, "image", *fingerprint_image(np.asarray(picture))[:2]) for name, picture in given.items()]
    return frame(rows)


def of_sounds(**given):
    return frame([(name, "audio", *fingerprint_audio(*sound)) for name, sound in given.items()])


def of_videos(**given):
    return frame([(name, "video", *fingerprint_video(frames, moments)) for name, (frames, moments) in given.items()])


def frame(rows):
    schema = {"media_id": pl.String, "kind": pl.String, "algorithm": pl.String, "signature": pl.Binary}
    return pl.DataFrame(rows, schema=schema, orient="row")
