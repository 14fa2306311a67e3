"""Line charts side by side: curves through points, each panel with axes of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from flows.report.charts.svg import WIDTH, dot, line, path, svg, text

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 26, 44
_FEWEST_STEPS = 3
MOST_PANELS = 6


class Point(NamedTuple):
    """A point of a curve. One with a title is drawn as a dot that says it."""

    x: float
    y: float
    title: str = ""
    radius: float = 4.0
    tone: str | None = None


class Curve(NamedTuple):
    """Points from left to right, and the colour of the line through them."""

    tone: str
    points: Sequence[Point]


class Axis(NamedTuple):
    """What an axis goes from and to, where it has marks, and what it counts."""

    low: float
    high: float
    marks: Sequence[tuple[float, str]]
    name: str

    def share(self, value: float) -> float:
        """Tell how far along the axis a value lies, from 0 to 1."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)


class Panel(NamedTuple):
    """Curves on two axes; `diagonal` draws the line on which both say the same."""

    title: str
    curves: Sequence[Curve]
    x: Axis
    y: Axis
    diagonal: bool = False


def panels(drawn: Sequence[Panel], label: str, *, across: int, height: float) -> Markup:
    """Draw panels, at most six, `across` in a row; fewer stand in the middle."""
    told = drawn[:MOST_PANELS]
    width = WIDTH / across
    start = max(WIDTH - width * len(told), 0.0) / 2
    shapes: list[Markup] = []
    for at, panel in enumerate(told):
        corner = (start + at % across * width, at // across * (height + _TOP + _BOTTOM))
        shapes += _panel(panel, corner, width, height)
    return svg(math.ceil(len(told) / across) * (height + _TOP + _BOTTOM), label, shapes)


def rounded(values: Sequence[float], name: str) -> Axis:
    """Make an axis with round marks for these values."""
    low, high = min(values), max(values)
    room = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(room))
    sizes = [power * each for each in (0.1, 0.2, 0.5, 1.0)]
    step = max(size for size in sizes if room / size >= _FEWEST_STEPS)
    first, last = math.floor(low / step), math.ceil(high / step)
    last += first == last
    digits = max(0, -math.floor(math.log10(step)))
    return Axis(first * step, last * step, [(at * step, f"{at * step:,.{digits}f}") for at in _few(first, last)], name)


def _few(first: int, last: int) -> range:
    return range(first, last + 1, 1 if last - first <= 2 * _FEWEST_STEPS else 2)


def _panel(panel: Panel, corner: tuple[float, float], width: float, height: float) -> list[Markup]:
    left, top = corner[0] + _LEFT, corner[1] + _TOP
    room, floor = width - _LEFT - _RIGHT, top + height

    def place(x: float, y: float) -> tuple[float, float]:
        return left + room * panel.x.share(x), floor - height * panel.y.share(y)

    shapes = [text(left, top - 12, panel.title)] if panel.title else []
    for at, mark in panel.y.marks:
        y = place(panel.x.low, at)[1]
        shapes += [line(left, y, left + room, y, "grid"), text(left - 8, y + 4, mark, "end", "axis")]
    for at, mark in panel.x.marks:
        x = place(at, panel.y.low)[0]
        shapes += [line(x, top, x, floor, "grid"), text(x, floor + 16, mark, "middle", "axis")]
    shapes.append(text(left + room / 2, floor + 33, f"{panel.y.name} by {panel.x.name}", "middle", "axis"))
    if panel.diagonal:
        shapes.append(line(*place(panel.x.low, panel.y.low), *place(panel.x.high, panel.y.high), "reference"))
    for curve in panel.curves:
        shapes.append(path([place(each.x, each.y) for each in curve.points], f"curve t-{curve.tone}"))
        shapes += [
            dot(*place(each.x, each.y), each.tone or curve.tone, each.title, each.radius)
            for each in curve.points
            if each.title
        ]
    return shapes
