"""How marks are drawn: anti-aliased shapes of one colour on a plain ground, with Pillow and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "red": (215, 30, 35),
    "orange": (250, 140, 20),
    "yellow": (240, 225, 40),
    "green": (40, 160, 60),
    "blue": (35, 70, 215),
    "purple": (130, 40, 170),
    "pink": (250, 150, 195),
    "brown": (115, 70, 30),
}
BACKGROUNDS: dict[str, Colour] = {
    "white": (250, 250, 250),
    "black": (10, 10, 10),
    "gray": (128, 128, 128),
    "teal": (0, 95, 100),
}
# Pictures are drawn larger and averaged down, which smooths their edges.
_FINER = 3


@dataclass(frozen=True)
class Mark:
    """One shape: its centre and radius in widths of the picture, its turn in radians."""

    shape: str
    colour: Colour
    x: float
    y: float
    radius: float
    turn: float = 0.0


def _star() -> list[tuple[float, float]]:
    radii = [1.15 if corner % 2 == 0 else 0.48 for corner in range(10)]
    return [
        (radius * math.sin(corner * math.pi / 5), -radius * math.cos(corner * math.pi / 5))
        for corner, radius in enumerate(radii)
    ]


def _heart() -> list[tuple[float, float]]:
    angles = [step * 2 * math.pi / 32 for step in range(32)]
    return [
        (
            16 * math.sin(angle) ** 3 / 15,
            -(13 * math.cos(angle) - 5 * math.cos(2 * angle) - 2 * math.cos(3 * angle) - math.cos(4 * angle)) / 15,
        )
        for angle in angles
    ]


_ARM = 0.36
_OUTLINES: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)],
    "triangle": [(0.0, -1.0), (1.0, 0.85), (-1.0, 0.85)],
    "diamond": [(0.0, -1.1), (0.8, 0.0), (0.0, 1.1), (-0.8, 0.0)],
    "star": _star(),
    "cross": [
        (-_ARM, -1.0), (_ARM, -1.0), (_ARM, -_ARM), (1.0, -_ARM), (1.0, _ARM), (_ARM, _ARM),
        (_ARM, 1.0), (-_ARM, 1.0), (-_ARM, _ARM), (-1.0, _ARM), (-1.0, -_ARM), (-_ARM, -_ARM),
    ],
    "heart": _heart(),
}  # fmt: skip
SHAPES = ("circle", "ring", *_OUTLINES)


@dataclass(frozen=True)
class Scene:
    """What a picture shows: marks, one over the other, on a plain ground."""

    ground: Colour
    marks: tuple[Mark, ...]

    def paint(self, size: int) -> NDArray[np.uint8]:
        """Draw it as a square picture (size, size, 3)."""
        picture = Image.new("RGB", (size * _FINER, size * _FINER), self.ground)
        pen = ImageDraw.Draw(picture)
        for mark in self.marks:
            _draw(pen, mark, size * _FINER)
        return np.asarray(picture.reduce(_FINER))


def shade(colour: Colour, chance: np.random.Generator) -> Colour:
    """Vary a colour a little."""
    red, green, blue = np.clip(np.array(colour) + chance.integers(-10, 11, 3), 0, 255).tolist()
    return red, green, blue


def _draw(pen: ImageDraw.ImageDraw, mark: Mark, scale: int) -> None:
    x, y, radius = mark.x * scale, mark.y * scale, mark.radius * scale
    box = (x - radius, y - radius, x + radius, y + radius)
    if mark.shape == "circle":
        pen.ellipse(box, fill=mark.colour)
    elif mark.shape == "ring":
        pen.ellipse(box, outline=mark.colour, width=max(round(radius * 0.4), 1))
    else:
        cosine, sine = radius * math.cos(mark.turn), radius * math.sin(mark.turn)
        outline = [(x + cosine * u - sine * v, y + sine * u + cosine * v) for u, v in _OUTLINES[mark.shape]]
        pen.polygon(outline, fill=mark.colour)
