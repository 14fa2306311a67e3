"""How a training went: loss by strength for a head, loss by step for a language model."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flows.report.charts.panels import MOST_PANELS, Axis, Curve, Panel, Point, panels, rounded
from flows.report.parts import Figure
from flows.report.wording import name, plural

_HEIGHT = 170.0
_TONES = ("accent", "dropped", "kept", "aside")
# So many points of a line are as fine as the page is.
_MOST_POINTS = 200
_MOST_MARKS = 6


def curve(kind: str, told: str | None) -> list[Figure]:
    """Draw the column `curve` of a training, or nothing if it holds no losses."""
    points = [point for point in json.loads(told or "[]") if isinstance(point, dict)]
    if any(_is_number(point.get("strength")) for point in points):
        return [_strengths(kind, [point for point in points if _is_number(point.get("loss"))])]
    if any(_is_number(point.get("step")) for point in points):
        return _steps(kind, [point for point in points if _is_number(point.get("step"))])
    return []


def _strengths(kind: str, points: list[dict[str, Any]]) -> Figure:
    grouped = groupby(sorted(points, key=_by_dimension), key=lambda point: point.get("dimension", "overall"))
    drawn = [_tuned(str(dimension), list(group)) for dimension, group in grouped]
    return Figure(
        f"{kind}: how it was tuned",
        "The strength is the weight of the data against the ridge. The green dot has the least loss on held-out pairs "
        "and was taken; at the left end a head learns too little from the data, at the right end too much.",
        chart=panels(drawn, "Held-out loss by strength", across=min(max(len(drawn), 2), 3), height=_HEIGHT),
        source=f"The first {MOST_PANELS} dimensions are drawn." if len(drawn) > MOST_PANELS else None,
    )


def _by_dimension(point: dict[str, Any]) -> tuple[str, float]:
    return str(point.get("dimension", "overall")), point["strength"]


def _tuned(dimension: str, points: list[dict[str, Any]]) -> Panel:
    best = min(points, key=lambda point: point["loss"])
    # Strengths are tried on a scale of powers.
    places = [math.log10(point["strength"]) for point in points]
    dots = [
        Point(x, point["loss"], f"strength {point['strength']:g}: loss {point['loss']:.4f}",
              6.0 if point is best else 4.0, "kept" if point is best else None)
        for x, point in zip(places, points, strict=True)
    ]  # fmt: skip
    room = 0.0 if len(points) > 1 else 0.5
    marks = [(x, f"{point['strength']:g}") for x, point in zip(places, points, strict=True)]
    every = -(-len(marks) // _MOST_MARKS)
    x = Axis(places[0] - room, places[-1] + room, marks[::every], "strength")
    return Panel(name(dimension), [Curve("accent", dots)], x, rounded([point["loss"] for point in points], "loss"))


def _steps(kind: str, points: list[dict[str, Any]]) -> list[Figure]:
    names = sorted({key for point in points for key, value in point.items() if "loss" in key and _is_number(value)})
    if not names:
        return []
    found = [[(point["step"], point[key]) for point in points if _is_number(point.get(key))] for key in names]
    curves, thinned = [], 1
    for at, told in enumerate(found):
        together = -(-len(told) // _MOST_POINTS)
        thinned = max(thinned, together)
        curves.append(Curve(_TONES[at % len(_TONES)], _means(told, together)))
    drawn = [point for each in curves for point in each.points]
    x, y = rounded([point.x for point in drawn], "step"), rounded([point.y for point in drawn], "loss")
    mean = f" Each point is the mean of {thinned:,} of them." if thinned > 1 else ""
    return [
        Figure(
            f"{kind}: how the loss fell",
            f"{plural(max(map(len, found)), 'loss was', 'losses were')} noted while the model learnt.{mean}",
            chart=panels([Panel("", curves, x, y)], "Loss by step", across=1, height=_HEIGHT),
            legend=[(each.tone, key.replace("_", " ")) for each, key in zip(curves, names, strict=True)],
        )
    ]


def _means(told: Sequence[tuple[float, float]], together: int) -> list[Point]:
    parts = [told[start : start + together] for start in range(0, len(told), together)]
    return [Point(*(sum(column) / len(part) for column in zip(*part, strict=True))) for part in parts]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
