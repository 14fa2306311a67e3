"""Maps: many dots on a plane without axes, and a few small pictures where some of them lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from flows.report.charts.svg import WIDTH, dot, svg

HEIGHT = 460
PICTURE = 64
_EDGE = PICTURE / 2 + 6
_RADIUS = 3.0


class Dot(NamedTuple):
    """A point of the canvas, its colour, and what it says to who points at it."""

    x: float
    y: float
    tone: str
    title: str


class Pinned(NamedTuple):
    """A small picture at a point of the map: a data URI, and what it is."""

    dot: Dot
    picture: str


def scatter(dots: Sequence[Dot], pinned: Sequence[Pinned], label: str) -> Markup:
    """Draw the dots, and over them the pictures, each framed in the colour of its dot."""
    shapes = [dot(each.x, each.y, each.tone, each.title, _RADIUS) for each in dots]
    for each in pinned:
        corner = (each.dot.x - PICTURE / 2, each.dot.y - PICTURE / 2)
        shapes.append(
            Markup(
                '<g class="pin"><title>{}</title><rect class="frame-{}" x="{:.1f}" y="{:.1f}" width="{}" height="{}" '
                'rx="3"/><image href="{}" x="{:.1f}" y="{:.1f}" width="{}" height="{}"/></g>'
            ).format(
                each.dot.title, each.dot.tone, corner[0] - 2, corner[1] - 2, PICTURE + 4, PICTURE + 4, each.picture,
                *corner, PICTURE, PICTURE,
            )
        )  # fmt: skip
    return svg(HEIGHT, label, shapes)


def fit(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say where points (n, 2) lie on the canvas: in its middle, as large as it can hold, distances in proportion."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([WIDTH - 2 * _EDGE, HEIGHT - 2 * _EDGE])
    reach = np.maximum(high - low, 1e-12)
    factor = float((room / reach).min())
    # Canvases count from the top.
    places: NDArray[np.float64] = np.array([WIDTH, HEIGHT]) / 2 + (points - (low + high) / 2) * factor * np.array(
        [1.0, -1.0]
    )
    return places
