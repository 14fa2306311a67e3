"""Stacked bars: how a whole is made up, one bar a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from flows.report.charts.svg import WIDTH, rect, room_for, svg, text
from flows.report.wording import percent

_RIGHT = 74
_LINE, _BAR = 38, 24
_ROOM_FOR_TEXT = 46
MOST_BARS = 30


class Part(NamedTuple):
    """A part of a bar: what it is, how much, and its colour."""

    name: str
    value: float
    tone: str


def stacked(bars: Sequence[tuple[str, Sequence[Part]]], label: str) -> Markup:
    """Draw each bar to the full width, its parts by their shares, and the sum behind it. At most 30 bars."""
    shapes: list[Markup] = []
    left = room_for(name for name, _ in bars[:MOST_BARS])
    room = WIDTH - left - _RIGHT
    for at, (name, parts) in enumerate(bars[:MOST_BARS]):
        y, x = at * _LINE + 4.0, left
        total = sum(part.value for part in parts)
        shapes.append(text(left - 12, y + _BAR / 2 + 4, name, "end"))
        shapes.append(text(WIDTH - _RIGHT + 10, y + _BAR / 2 + 4, f"{total:,.0f}", kind="number"))
        for part in parts:
            if not part.value:
                continue
            width, share = room * part.value / total, percent(part.value / total)
            shapes.append(rect(x, y, width - 1, _BAR, part.tone, f"{part.name}: {part.value:,.0f} ({share})"))
            if width > _ROOM_FOR_TEXT:
                shapes.append(text(x + width / 2, y + _BAR / 2 + 4, share, "middle", "inside"))
            x += width
    return svg(min(len(bars), MOST_BARS) * _LINE + 2, label, shapes)
