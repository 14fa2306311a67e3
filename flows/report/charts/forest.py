"""Forest plots: a value and its interval on each line, against a line of reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from flows.report.charts.svg import WIDTH, dot, line, svg, text

_LEFT, _RIGHT = 210, 84
_LINE, _TOP, _BOTTOM = 30, 10, 30
MOST_LINES = 30


class Estimate(NamedTuple):
    """A line of a forest plot. A null value draws none and writes the note where it would be."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    shown: str
    tone: str = "accent"


class Scale(NamedTuple):
    """What the horizontal axis goes from and to, where it has marks, and where its reference is."""

    low: float
    high: float
    marks: Sequence[tuple[float, str]]
    reference: float


SHARES = Scale(0.0, 1.0, [(0.0, "0%"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1.0, "100%")], 0.5)


def forest(estimates: Sequence[Estimate], scale: Scale, label: str) -> Markup:
    """Draw the estimates, at most 30."""
    told = estimates[:MOST_LINES]
    bottom = _TOP + len(told) * _LINE
    shapes = [line(_x(at, scale), _TOP - 4, _x(at, scale), bottom, "grid") for at, _ in scale.marks]
    shapes.append(line(_x(scale.reference, scale), _TOP - 4, _x(scale.reference, scale), bottom, "reference"))
    shapes += [text(_x(at, scale), bottom + 18, mark, "middle", "axis") for at, mark in scale.marks]
    for at, each in enumerate(told):
        shapes += _line(each, _TOP + at * _LINE + _LINE / 2, scale)
    return svg(bottom + _BOTTOM, label, shapes)


def _line(each: Estimate, y: float, scale: Scale) -> list[Markup]:
    shapes = [text(_LEFT - 12, y + 4, each.name, "end")]
    if each.value is None:
        return [*shapes, text(_LEFT + 8, y + 4, each.shown, kind="axis")]
    if each.low is not None and each.high is not None:
        shapes.append(line(_x(each.low, scale), y, _x(each.high, scale), y, "whisker"))
    shapes.append(dot(_x(each.value, scale), y, each.tone, f"{each.name}: {each.shown}"))
    return [*shapes, text(WIDTH - _RIGHT + 10, y + 4, each.shown, kind="number")]


def _x(value: float, scale: Scale) -> float:
    share = (min(max(value, scale.low), scale.high) - scale.low) / (scale.high - scale.low)
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)
