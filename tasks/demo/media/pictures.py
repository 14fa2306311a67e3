"""Pictures of counted, coloured shapes in known places, each with the one caption that is right for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tasks.demo.media.shapes import BACKGROUNDS, COLOURS, SHAPES, Mark, Scene, shade

T = TypeVar("T")

SIZES = {"small": (0.088, 0.102), "large": (0.15, 0.165)}
COUNTS = ("a", "two", "three", "four")
PLACES: dict[str, tuple[float, float]] = {
    "in the top left corner": (0.22, 0.22),
    "at the top": (0.5, 0.22),
    "in the top right corner": (0.78, 0.22),
    "on the left": (0.22, 0.5),
    "in the middle": (0.5, 0.5),
    "on the right": (0.78, 0.5),
    "in the bottom left corner": (0.22, 0.78),
    "at the bottom": (0.5, 0.78),
    "in the bottom right corner": (0.78, 0.78),
}
# One way to say each: "right of" would be a second caption of the same picture.
RELATIONS = ("left of", "above")
# Two large groups of more would not fit beside each other.
_MOST_LARGE_BESIDE = 2
_JITTER = 0.02
_ASIDE = 0.12
_GAP = 1.12


@dataclass(frozen=True)
class Group:
    """Some equal shapes standing together."""

    shape: str
    colour: str
    count: int
    size: str

    @property
    def words(self) -> str:
        """The group in words, as in `two small red circles`."""
        shape = self.shape if self.count == 1 else f"{self.shape}es" if self.shape == "cross" else f"{self.shape}s"
        return f"{COUNTS[self.count - 1]} {self.size} {self.colour} {shape}"


@dataclass(frozen=True)
class Picture:
    """One group at a place, or two groups of which the first is left of or above the second.

    Pictures that differ in `seed` alone have the same caption and differ in where exactly things stand.
    """

    groups: tuple[Group, ...]
    where: str
    background: str
    seed: int = 0

    @property
    def caption(self) -> str:
        """The one caption that is right, as in `a large blue star at the top on a white background`."""
        first, *second = [group.words for group in self.groups]
        said = " ".join([first, self.where, *second])
        return f"{said} on a {self.background} background"

    def scene(self) -> Scene:
        """Say exactly what stands where; the same description gives the same scene."""
        chance = np.random.default_rng(self.seed)
        centres = _centres(self.where, len(self.groups), chance)
        marks = tuple(
            mark
            for group, centre in zip(self.groups, centres, strict=True)
            for mark in _marks(group, centre, chance, None if len(self.groups) == 1 else self.where)
        )
        return Scene(shade(BACKGROUNDS[self.background], chance), marks)

    def draw(self, size: int = 64) -> NDArray[np.uint8]:
        """Draw it as (size, size, 3); the same description gives the same picture."""
        return self.scene().paint(size)


def random_picture(chance: np.random.Generator, pairs: float = 0.5) -> Picture:
    """Make up a picture; a share of `pairs` shows two groups."""
    background = _one(tuple(BACKGROUNDS), chance)
    seed = int(chance.integers(1 << 31))
    if chance.random() >= pairs:
        return Picture((_random_group(chance),), _one(tuple(PLACES), chance), background, seed)
    groups = (_random_group(chance, beside=True), _random_group(chance, beside=True))
    return Picture(groups, _one(RELATIONS, chance), background, seed)


def change(picture: Picture, chance: np.random.Generator) -> tuple[Picture, str]:
    """Change one thing at random; return the other picture and what changed, as in `colour` or `where`."""
    what = _one(("shape", "colour", "count", "size", "where", "background"), chance)
    if what == "background":
        return replace(picture, background=_other(tuple(BACKGROUNDS), picture.background, chance)), what
    beside = len(picture.groups) > 1
    if what == "where":
        return replace(picture, where=_other(RELATIONS if beside else tuple(PLACES), picture.where, chance)), what
    at = int(chance.integers(len(picture.groups)))
    group = picture.groups[at]
    if what == "size" and beside and group.count > _MOST_LARGE_BESIDE:
        what = "colour"
    groups = list(picture.groups)
    groups[at] = _changed(group, what, chance, most=_most(group.size, beside=beside))
    return replace(picture, groups=tuple(groups)), what


def _changed(group: Group, what: str, chance: np.random.Generator, most: int) -> Group:
    if what == "count":
        return replace(group, count=_other(tuple(range(1, most + 1)), group.count, chance))
    if what == "size":
        return replace(group, size=_other(tuple(SIZES), group.size, chance))
    if what == "shape":
        return replace(group, shape=_other(SHAPES, group.shape, chance))
    return replace(group, colour=_other(tuple(COLOURS), group.colour, chance))


def _random_group(chance: np.random.Generator, *, beside: bool = False) -> Group:
    size = _one(tuple(SIZES), chance)
    count = int(chance.integers(1, _most(size, beside=beside) + 1))
    return Group(_one(SHAPES, chance), _one(tuple(COLOURS), chance), count, size)


def _most(size: str, *, beside: bool) -> int:
    return _MOST_LARGE_BESIDE if beside and size == "large" else len(COUNTS)


def _one(things: Sequence[T], chance: np.random.Generator) -> T:
    return things[int(chance.integers(len(things)))]


def _other(things: Sequence[T], but: T, chance: np.random.Generator) -> T:
    return _one([thing for thing in things if thing != but], chance)


def _centres(where: str, groups: int, chance: np.random.Generator) -> list[tuple[float, float]]:
    if groups == 1:
        x, y = PLACES[where] + chance.uniform(-_JITTER, _JITTER, 2)
        return [(float(x), float(y))]
    along = np.array([0.25, 0.75]) + chance.uniform(-_JITTER, _JITTER, 2)
    aside = 0.5 + chance.uniform(-_ASIDE, _ASIDE, 2)
    both = zip(along.tolist(), aside.tolist(), strict=True)
    return [(near, far) if where == "left of" else (far, near) for near, far in both]


def _marks(group: Group, centre: tuple[float, float], chance: np.random.Generator, beside: str | None) -> list[Mark]:
    """Arrange a group around its centre, wholly inside; what stands beside another group is as slim as it can be."""
    radius = chance.uniform(*SIZES[group.size])
    offsets = _offsets(group.count, chance, beside) * radius * _GAP
    reach = np.abs(offsets).max(axis=0) + radius * _GAP
    middle = np.clip(centre, reach, 1 - reach)
    colour = shade(COLOURS[group.colour], chance)
    turns = chance.uniform(-0.15, 0.15, group.count)
    return [
        Mark(group.shape, colour, float(x), float(y), float(radius), float(turn))
        for (x, y), turn in zip(middle + offsets, turns, strict=True)
    ]


def _offsets(count: int, chance: np.random.Generator, beside: str | None) -> NDArray[np.float64]:
    if count == 1:
        return np.zeros((1, 2))
    if count == 2:
        row = np.array([[-1.0, 0.0], [1.0, 0.0]])
        upright = chance.random() < 0.5 if beside is None else beside == "left of"
        return row[:, ::-1] if upright else row
    if count == 3:
        return np.array([[-1.0, 1.0], [1.0, 1.0], [0.0, -1.0]]) * (1 if chance.random() < 0.5 else -1)
    return np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
