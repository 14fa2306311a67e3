"""Histograms: columns side by side, and a second series as a line over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from flows.report.charts.svg import WIDTH, line, path, rect, svg, text

_LEFT, _RIGHT, _TOP, _HEIGHT, _BOTTOM = 64, 12, 12, 170, 28
_FEWEST_LINES = 3


class Column(NamedTuple):
    """A column: what it counts, how many, its colour, and the mark under its left edge, if any."""

    title: str
    value: int
    mark: str | None = None
    tone: str = "accent"
    second: int | None = None


def columns(bars: Sequence[Column], label: str, *, middle: bool = False) -> Markup:
    """Draw columns from left to right; `middle` draws the line of reference between the two halves."""
    highest = max([1, *(bar.value for bar in bars), *(bar.second or 0 for bar in bars)])
    step = _step(highest)
    lines = -(-highest // step)
    most = lines * step
    width, floor = (WIDTH - _LEFT - _RIGHT) / max(len(bars), 1), _TOP + _HEIGHT
    shapes: list[Markup] = []
    for at in range(lines + 1):
        y = floor - _HEIGHT * at / lines
        shapes.append(line(_LEFT, y, WIDTH - _RIGHT, y, "grid"))
        shapes.append(text(_LEFT - 8, y + 4, f"{step * at:,}", "end", "axis"))
    for at, bar in enumerate(bars):
        x, height = _LEFT + at * width, _HEIGHT * bar.value / most
        shapes.append(rect(x + 1, floor - height, width - 2, height, bar.tone, f"{bar.title}: {bar.value:,}"))
        if bar.mark is not None:
            shapes.append(text(x, floor + 18, bar.mark, "middle", "axis"))
    if any(bar.second is not None for bar in bars):
        shapes.append(path(_steps(bars, most, width, floor), "step"))
    if middle:
        shapes.append(line((_LEFT + WIDTH - _RIGHT) / 2, _TOP - 6, (_LEFT + WIDTH - _RIGHT) / 2, floor, "reference"))
    return svg(floor + _BOTTOM, label, shapes)


def _step(most: int) -> int:
    """Find a round number of which at least three fit under the highest column, or one for very few."""
    power = int(10 ** max(len(str(most)) - 2, 0))
    return max(each * power for each in (1, 2, 5, 10, 20) if each * power * _FEWEST_LINES <= most or each == 1)


def _steps(bars: Sequence[Column], most: int, width: float, floor: float) -> list[tuple[float, float]]:
    points = [(float(_LEFT), floor)]
    for at, bar in enumerate(bars):
        y = floor - _HEIGHT * (bar.second or 0) / most
        points += [(_LEFT + at * width, y), (_LEFT + (at + 1) * width, y)]
    return [*points, (_LEFT + len(bars) * width, floor)]
