"""Short videos of one shape that moves, each with the one caption that is right for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tasks.demo.media.pictures import SIZES, Group, Picture
from tasks.demo.media.shapes import BACKGROUNDS, COLOURS, SHAPES, Mark, Scene, shade

MOTIONS: dict[str, tuple[float, float]] = {
    "moves right": (1.0, 0.0),
    "moves left": (-1.0, 0.0),
    "moves down": (0.0, 1.0),
    "moves up": (0.0, -1.0),
}
_REACH = 0.3
_DRIFT = 0.15


@dataclass(frozen=True)
class Clip:
    """One shape on its way across the picture; clips that differ in `seed` alone have the same caption."""

    subject: Group
    motion: str
    background: str
    seed: int = 0

    @property
    def caption(self) -> str:
        """The one caption that is right, as in `a large red circle moves right on a white background`."""
        return f"{self.subject.words} {self.motion} on a {self.background} background"

    def scene(self, when: float) -> Scene:
        """Say what stands where at a moment between 0, the beginning, and 1, the end."""
        chance = np.random.default_rng(self.seed)
        toward = np.array(MOTIONS[self.motion])
        across = chance.uniform(-0.2, 0.2) * toward[::-1]
        x, y = (0.5 + across + toward * _REACH * (2 * when - 1)).tolist()
        radius = float(chance.uniform(*SIZES[self.subject.size]))
        colour = shade(COLOURS[self.subject.colour], chance)
        turn = float(chance.uniform(-0.15, 0.15))
        ground = shade(BACKGROUNDS[self.background], chance)
        return Scene(ground, (Mark(self.subject.shape, colour, x, y, radius, turn),))

    def frames(self, count: int, size: int = 64) -> NDArray[np.uint8]:
        """Draw it from the beginning to the end as (count, size, size, 3)."""
        return np.stack([self.scene(when).paint(size) for when in np.linspace(0, 1, count).tolist()])


def drifting(picture: Picture, motion: str, count: int, size: int) -> NDArray[np.uint8]:
    """Draw a picture all of which drifts one way, as (count, size, size, 3)."""
    scene, (across, down) = picture.scene(), MOTIONS[motion]
    return np.stack([
        replace(
            scene,
            marks=tuple(replace(mark, x=mark.x + across * shift, y=mark.y + down * shift) for mark in scene.marks),
        ).paint(size)
        for shift in np.linspace(-_DRIFT, _DRIFT, count).tolist()
    ])  # fmt: skip


def random_clip(chance: np.random.Generator) -> Clip:
    """Make up a clip."""
    shape, colour, size, motion, background = (
        names[int(chance.integers(len(names)))]
        for names in (SHAPES, tuple(COLOURS), tuple(SIZES), tuple(MOTIONS), tuple(BACKGROUNDS))
    )
    return Clip(Group(shape, colour, 1, size), motion, background, int(chance.integers(1 << 31)))


def change_clip(clip: Clip, chance: np.random.Generator) -> Clip:
    """Make up a clip that shows another shape, colour, size or background, moving the same way."""
    while True:
        other = replace(random_clip(chance), motion=clip.motion)
        kept = other.subject
        what = ("shape", "colour", "size", "background")[int(chance.integers(4))]
        if what == "background":
            changed = replace(clip, background=other.background)
        else:
            changed = replace(clip, subject=replace(clip.subject, **{what: getattr(kept, what)}))
        if changed != clip:
            return changed
