"""Planted pictures: photographs and drawn ones, and the edits that make copies of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

# These show what another picture shows: the same scene for the other eye, the same photograph in another format.
_SAME: Final = {"motorcycle_right.png", "img7.jpg", "chessboard_RGB.png", "img_pair_2.jpg"}
_SAME_START: Final = ("hopper_", "tiff_", "transparent", "chessboard_GRAY_", "truncated", "hopper.", "invalid-")
_SIDE: Final = 320
_COLOURS: Final = ("red", "green", "blue", "orange", "purple", "teal", "black", "saddlebrown", "magenta", "gold")


class Original(NamedTuple):
    """A picture that nothing else is a copy of; `family` names those that were drawn to look alike without being it."""

    name: str
    family: str
    picture: Image.Image


def photographs(folders: list[Path]) -> Iterator[Original]:
    """Yield the pictures of these folders that can be read and are no icons, each name once."""
    seen: set[str] = set()
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.suffix.lower() not in (".jpg", ".png", ".webp", ".tif") or path.name in _SAME | seen:
            continue
        if path.name.startswith(_SAME_START):
            continue
        try:
            with Image.open(path) as opened:
                picture = on_white(ImageOps.exif_transpose(opened))
        except (OSError, ValueError, SyntaxError):
            continue
        if min(picture.size) >= 100 and np.asarray(picture.convert("L")).std() > 12:
            seen.add(path.name)
            picture.thumbnail((1200, 1200))
            yield Original(path.name, path.name, picture)


def on_white(picture: Image.Image) -> Image.Image:
    """Show a picture as it is shown on white paper."""
    whole = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert("RGB")


def drawn(count: int, rng: np.random.Generator) -> Iterator[Original]:
    """Draw `count` pictures: scenes, patterns, landscapes of noise, charts and pages, some families that look alike."""
    makers = (_moved, _recoloured, _scene, _pattern, _noise, _chart, _page)
    made = 0
    while made < count:
        maker = makers[int(rng.integers(len(makers)))]
        family = f"{maker.__name__[1:]}-{made}"
        for picture in maker(rng)[: count - made]:
            yield Original(f"drawn-{made}", family, picture)
            made += 1


def _canvas(rng: np.random.Generator) -> Image.Image:
    width, height = (int(side) for side in rng.integers(240, 480, size=2))
    light = rng.integers(200, 256, size=3)
    if rng.random() < 0.5:
        return Image.new("RGB", (width, height), tuple(light.tolist()))
    ramp = np.linspace(0.55, 1.0, height if rng.random() < 0.5 else width)
    shade = np.broadcast_to(ramp[:, None] if len(ramp) == height else ramp[None, :], (height, width))
    return Image.fromarray((shade[..., None] * light).astype(np.uint8))


def _stage(rng: np.random.Generator) -> Image.Image:
    """Draw a canvas with a floor and two sticks: two of them with one shape each are not yet the same picture."""
    canvas = _canvas(rng)
    draw, (width, height) = ImageDraw.Draw(canvas), canvas.size
    draw.rectangle((0, float(rng.uniform(0.8, 0.95)) * height, width, height), fill=_COLOURS[int(rng.integers(10))])
    for _ in range(2):
        ends = (rng.uniform(0.05, 0.95, size=(2, 2)) * canvas.size).ravel().tolist()
        draw.line(ends, fill=_COLOURS[int(rng.integers(10))], width=int(rng.integers(4, 12)))
    return canvas


def _shape(draw: ImageDraw.ImageDraw, kind: int, at: tuple[float, float], size: float, colour: str) -> None:
    x, y = at
    box = (x - size, y - size, x + size, y + size)
    if kind == 0:
        draw.ellipse(box, fill=colour)
    elif kind == 1:
        draw.rectangle(box, fill=colour)
    elif kind == 2:
        draw.polygon([(x, y - size), (x + size, y + size), (x - size, y + size)], fill=colour)
    else:
        draw.ellipse(box, outline=colour, width=max(3, int(size / 3)))


def _moved(rng: np.random.Generator) -> list[Image.Image]:
    """Draw one shape at the left, at the right, above, below and in the middle of the same canvas."""
    canvas, kind = _stage(rng), int(rng.integers(4))
    colour, size = _COLOURS[int(rng.integers(len(_COLOURS)))], float(rng.uniform(0.1, 0.2)) * min(canvas.size)
    made = []
    for x, y in ((0.25, 0.5), (0.75, 0.5), (0.5, 0.25), (0.5, 0.75), (0.5, 0.5)):
        picture = canvas.copy()
        _shape(ImageDraw.Draw(picture), kind, (x * picture.width, y * picture.height), size, colour)
        made.append(picture)
    return made


def _recoloured(rng: np.random.Generator) -> list[Image.Image]:
    """Draw the same shape at the same place in red, in green and in blue."""
    canvas, kind = _stage(rng), int(rng.integers(4))
    at, size = tuple((rng.uniform(0.3, 0.7, size=2) * canvas.size).tolist()), float(rng.uniform(40, 90))
    made = []
    for colour in ("red", "green", "blue"):
        picture = canvas.copy()
        _shape(ImageDraw.Draw(picture), kind, (at[0], at[1]), size, colour)
        made.append(picture)
    return made


def _scene(rng: np.random.Generator) -> list[Image.Image]:
    """Draw some shapes, and the same canvas with other shapes."""
    canvas, made = _canvas(rng), []
    for _ in range(2):
        picture = canvas.copy()
        for _ in range(int(rng.integers(2, 7))):
            at = (float(rng.uniform(0.1, 0.9)) * picture.width, float(rng.uniform(0.1, 0.9)) * picture.height)
            colour = _COLOURS[int(rng.integers(len(_COLOURS)))]
            _shape(ImageDraw.Draw(picture), int(rng.integers(4)), at, float(rng.uniform(15, 60)), colour)
        made.append(picture)
    return made


def _pattern(rng: np.random.Generator) -> list[Image.Image]:
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    (a, b), (c, d) = rng.uniform(-4, 4, size=(2, 2))
    wave = np.sin(2 * np.pi * (a * x + b * y) + rng.uniform(0, 6)) + np.sin(2 * np.pi * (c * x + d * y))
    near, far = rng.integers(0, 256, size=(2, 3))
    mixed = (wave[..., None] / 4 + 0.5) * near + (0.5 - wave[..., None] / 4) * far
    return [Image.fromarray(mixed.astype(np.uint8))] if np.abs(near - far).mean() > 60 else _noise(rng)


def _noise(rng: np.random.Generator) -> list[Image.Image]:
    """Draw a landscape of noise with the spectrum of photographs: amplitude falls with frequency."""
    y, x = np.meshgrid(np.fft.fftfreq(_SIDE), np.fft.rfftfreq(_SIDE), indexing="ij")
    fall = 1 / np.maximum(np.hypot(x, y), 1 / _SIDE) ** rng.uniform(0.9, 1.3)
    layers = [np.fft.irfft2(np.fft.rfft2(rng.standard_normal((_SIDE, _SIDE))) * fall) for _ in range(2)]
    light, tint = ((layer - layer.mean()) / layer.std() for layer in layers)
    mixed = 128 + 45 * light[..., None] + 15 * tint[..., None] * rng.uniform(-1, 1, size=3)
    return [Image.fromarray(mixed.clip(0, 255).astype(np.uint8))]


def _chart(rng: np.random.Generator) -> list[Image.Image]:
    """Draw two bar charts with the same axes and other numbers."""
    made, bars, colour = [], int(rng.integers(4, 9)), _COLOURS[int(rng.integers(len(_COLOURS)))]
    for _ in range(2):
        picture = Image.new("RGB", (400, 300), "white")
        draw = ImageDraw.Draw(picture)
        draw.line([(40, 20), (40, 270), (380, 270)], fill="black", width=3)
        for bar, tall in enumerate(rng.uniform(15, 240, size=bars)):
            left = 50 + bar * 330 / bars
            draw.rectangle((left, 270 - tall, left + 250 / bars, 268), fill=colour)
        made.append(picture)
    return made


def _page(rng: np.random.Generator) -> list[Image.Image]:
    """Write a page: lines of different lengths, in paragraphs, with a heading."""
    picture = Image.new("RGB", (340, 440), "white")
    draw, y = ImageDraw.Draw(picture), 30
    while y < 410:
        words = " ".join("abcdefghijklmnopqrstuvwxyz"[: int(n)] for n in rng.integers(1, 12, size=6))
        size = 22 if rng.random() < 0.15 else 11
        draw.text(
            (25 + 20 * int(rng.random() < 0.2), y), words[: int(rng.integers(5, 50))], fill="black", font_size=size
        )
        y += size + int(rng.choice([4, 6, 26], p=[0.6, 0.2, 0.2]))
    return [picture]


def _saved(**how: object) -> Callable[[Image.Image], Image.Image]:
    def edit(picture: Image.Image) -> Image.Image:
        data = io.BytesIO()
        picture.save(data, **how)  # type: ignore[arg-type]
        return Image.open(data).convert("RGB")

    return edit


def _resized(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: picture.resize((round(picture.width * factor), round(picture.height * factor)))


def _cropped(left: float, top: float, right: float, bottom: float) -> Callable[[Image.Image], Image.Image]:
    def edit(picture: Image.Image) -> Image.Image:
        w, h = picture.size
        return picture.crop((round(left * w), round(top * h), round((1 - right) * w), round((1 - bottom) * h)))

    return edit


def _gamma(power: float) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: picture.point([round(255 * (level / 255) ** power) for level in range(256)] * 3)


def _labelled(picture: Image.Image) -> Image.Image:
    """Write a small line into the lower right corner."""
    written = picture.copy()
    size = max(8, picture.height // 25)
    at = (picture.width - size * 7, picture.height - 2 * size)
    ImageDraw.Draw(written).text(at, "(c) example", fill="white", stroke_fill="black", stroke_width=1, font_size=size)
    return written


EDITS: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "JPEG 90": _saved(format="JPEG", quality=90),
    "JPEG 60": _saved(format="JPEG", quality=60),
    "JPEG 30": _saved(format="JPEG", quality=30),
    "WebP": _saved(format="WEBP", quality=60),
    "64 colours": lambda picture: picture.quantize(64).convert("RGB"),
    "size x 0.5": _resized(0.5),
    "size x 0.25": _resized(0.25),
    "size x 2": _resized(2.0),
    "squashed to a square": lambda picture: picture.resize((256, 256)),
    "crop 5% a side": _cropped(0.05, 0.05, 0.05, 0.05),
    "crop 10% a side": _cropped(0.1, 0.1, 0.1, 0.1),
    "crop 10% at the left": _cropped(0.1, 0, 0, 0),
    "crop 10% above and below": _cropped(0, 0.1, 0, 0.1),
    "brightness + 20%": lambda picture: ImageEnhance.Brightness(picture).enhance(1.2),
    "brightness - 20%": lambda picture: ImageEnhance.Brightness(picture).enhance(0.8),
    "contrast + 20%": lambda picture: ImageEnhance.Contrast(picture).enhance(1.2),
    "gamma 1.3": _gamma(1.3),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "blur": lambda picture: picture.filter(ImageFilter.GaussianBlur(min(picture.size) / 200)),
    "border 4%": lambda picture: ImageOps.expand(picture, round(0.04 * min(picture.size)), "black"),
    "a line of text": _labelled,
    "crop 5%, size x 0.5, JPEG 60": lambda picture: EDITS["JPEG 60"](
        _resized(0.5)(_cropped(0.05, 0.05, 0.05, 0.05)(picture))
    ),
}
