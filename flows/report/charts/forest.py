"""Forest plots: a value and its interval on each line, against a line of reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from markupsafe import Markup

from flows.report.charts.svg import WIDTH, diamond, dot, line, room_for, svg, text

_RIGHT = 74
_LINE, _TOP, _BOTTOM = 30, 10, 30
MOST_LINES = 30


class Estimate(NamedTuple):
    """A line of a forest plot. A null value draws none and writes the note where it would be; without one it heads.

    `beside` is a second value on the same line, without an interval, and `says` what it is.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    shown: str
    tone: str = "accent"
    beside: float | None = None
    says: str = ""


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
    bottom, left = _TOP + len(told) * _LINE, room_for(each.name for each in told)
    x = partial(_place, left, scale)
    shapes = [line(x(at), _TOP - 4, x(at), bottom, "grid") for at, _ in scale.marks]
    shapes.append(line(x(scale.reference), _TOP - 4, x(scale.reference), bottom, "reference"))
    shapes += [text(x(at), bottom + 18, mark, "middle", "axis") for at, mark in scale.marks]
    for at, each in enumerate(told):
        y = _TOP + at * _LINE + _LINE / 2
        is_heading = each.value is None and not each.shown
        kind = "heading" if is_heading else "label"
        shapes += [text(left - 12, y + 4, each.name, "end", kind), *_drawn(each, y, x)]
    return svg(bottom + _BOTTOM, label, shapes)


def _drawn(each: Estimate, y: float, x: Callable[[float], float]) -> list[Markup]:
    if each.value is None:
        return [text(WIDTH - _RIGHT - 6, y + 4, each.shown, "end", "axis")] if each.shown else []
    shapes = (
        [line(x(each.low), y, x(each.high), y, "whisker")] if each.low is not None and each.high is not None else []
    )
    if each.beside is not None:
        shapes.append(diamond(x(each.beside), y, "beside", f"{each.name}: {each.says}"))
    shapes.append(dot(x(each.value), y, each.tone, f"{each.name}: {each.shown}"))
    return [*shapes, text(WIDTH - _RIGHT + 10, y + 4, each.shown, kind="number")]


def _place(left: float, scale: Scale, value: float) -> float:
    share = (min(max(value, scale.low), scale.high) - scale.low) / (scale.high - scale.low)
    return left + share * (WIDTH - left - _RIGHT)
