"""Pictures, clips and melodies no two of which could be taken for each other, so that every likeness is planted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tasks.demo.media.clips import MOTIONS, Clip, random_clip
from tasks.demo.media.melodies import LENGTH, Melody, random_melody
from tasks.demo.media.pictures import Picture, change, random_picture

# A glance sees so many cells a side, and needs so many pixels.
_CELLS = 8
_PIXELS = 32
# Glances at two different things have a smaller cosine; what varies by fewer levels shows too little.
_LIKE = 0.75
_FAINT = 8.0
_LUMA = np.array([0.299, 0.587, 0.114])
_TRIES = 30

Glances = NDArray[np.float64]


class Gallery:
    """Hands out things that look, sound and read unlike all that it handed out before."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        self._said: set[str] = set()
        self._pictures = np.zeros((0, _CELLS * _CELLS))
        self._clips = np.zeros((0, 3 * _CELLS * _CELLS))
        self._melodies: list[Melody] = []

    def picture(self, fits: Callable[[Picture], bool] | None = None) -> Picture:
        """Make up a picture unlike all before; if `fits` is given, one of which it is true."""
        while True:
            picture = random_picture(self._chance)
            if (fits is None or fits(picture)) and self._hang([picture]):
                return picture

    def pictures(self, *changed: str) -> tuple[Picture, Picture]:
        """Make up a picture, and the same one with one thing changed, which is one of `changed`; both are new."""
        while True:
            picture = random_picture(self._chance)
            if not self._is_new(*_seen([picture]), self._pictures):
                continue
            for _ in range(_TRIES):
                other, what = change(picture, self._chance)
                if what in changed and self._hang([picture, other]):
                    return picture, other

    def mistaken(self) -> tuple[Picture, Picture]:
        """Make up a picture, and one with other shapes in other colours that stand where those of the first stand.

        The second one is there to be talked of, not to be shown.
        """
        while True:
            picture, other = random_picture(self._chance), random_picture(self._chance)
            if len(picture.groups) == len(other.groups) and all(
                one.shape != two.shape and one.colour != two.colour for one in picture.groups for two in other.groups
            ):
                named = tuple(
                    replace(one, shape=two.shape, colour=two.colour)
                    for one, two in zip(picture.groups, other.groups, strict=True)
                )
                told = replace(picture, groups=named)
                if told.caption not in self._said and self._hang([picture]):
                    self._said.add(told.caption)
                    return picture, told

    def clip(self) -> Clip:
        """Make up a clip unlike all before."""
        while True:
            clip = random_clip(self._chance)
            if self._show([clip], {clip.caption, clip_hint(clip)}):
                return clip

    def clips(self) -> tuple[Clip, Clip]:
        """Make up two clips of the same thing, one of which moves across and the other one up or down."""
        while True:
            one = random_clip(self._chance)
            two = replace(one, motion=list(MOTIONS)[(list(MOTIONS).index(one.motion) + 2) % len(MOTIONS)])
            if self._show([one, two], {one.caption, two.caption, clip_hint(one)}):
                return one, two

    def melody(self) -> Melody:
        """Make up a melody that goes another way than all before."""
        while True:
            melody = random_melody(self._chance)
            if self._play([melody]):
                return melody

    def melodies(self, notes: int) -> tuple[Melody, Melody]:
        """Make up two melodies that begin with the same notes, and go another way than all before."""
        while True:
            one, two = random_melody(self._chance), random_melody(self._chance)
            two = replace(two, notes=one.notes[:notes] + two.notes[notes:])
            if not go_together(one, two) and self._play([one, two]):
                return one, two

    def _hang(self, pictures: Sequence[Picture]) -> bool:
        """Hang pictures that may look like each other, unless one looks like another one that hangs there."""
        said, glances = _seen(pictures)
        is_new = self._is_new(said, glances, self._pictures)
        if is_new:
            self._said |= said
            self._pictures = np.vstack([self._pictures, glances])
        return is_new

    def _show(self, clips: Sequence[Clip], said: set[str]) -> bool:
        glances = np.stack([glance_at_clip(clip) for clip in clips])
        is_new = self._is_new(said, glances, self._clips)
        if is_new:
            self._said |= said
            self._clips = np.vstack([self._clips, glances])
        return is_new

    def _play(self, melodies: Sequence[Melody]) -> bool:
        is_new = not any(go_together(melody, other) for melody in melodies for other in self._melodies)
        if is_new:
            self._melodies += melodies
        return is_new

    def _is_new(self, said: set[str], glances: Glances, others: Glances) -> bool:
        is_clear = bool(glances.any(axis=1).all())
        return is_clear and self._said.isdisjoint(said) and not np.any(others @ glances.T > _LIKE)


def _seen(pictures: Sequence[Picture]) -> tuple[set[str], Glances]:
    said = {words for picture in pictures for words in (picture.caption, hint(picture))}
    return said, np.stack([glance_at(picture.draw(_PIXELS)) for picture in pictures])


def hint(picture: Picture) -> str:
    """Say less of a picture than its caption, as in `two small red circles and a large blue star`."""
    words = " and ".join(group.words for group in picture.groups)
    return words if len(picture.groups) > 1 else f"{words} {picture.where}"


def clip_hint(clip: Clip) -> str:
    """Say less of a clip than its caption, as in `a large red circle in motion before white`."""
    return f"{clip.subject.words} in motion before {clip.background}"


def glance_at(pixels: NDArray[np.uint8]) -> Glances:
    """See a picture as 8 x 8 cells of luma around their mean, as a vector of length 1; 0 if there is little to see."""
    cell = len(pixels) // _CELLS
    luma = (pixels @ _LUMA).reshape(_CELLS, cell, _CELLS, cell).mean(axis=(1, 3)).ravel()
    around = np.asarray(luma - luma.mean(), np.float64)
    return around / np.linalg.norm(around) if around.std() >= _FAINT else np.zeros_like(around)


def glance_at_clip(clip: Clip) -> Glances:
    """See the beginning, the middle and the end of a clip; 0 if there is little to see."""
    seen = [glance_at(frame) for frame in clip.frames(3, _PIXELS)]
    is_clear = all(each.any() for each in seen)
    return np.asarray(np.concatenate(seen) / np.sqrt(3) * is_clear, np.float64)


def go_together(one: Melody, other: Melody) -> bool:
    """Tell whether two melodies, one of them perhaps some notes later, have half of what meets in common.

    At least three notes meet, for a melody may be trimmed. A note an octave above another one is half of it.
    """
    for shift in range(3 - LENGTH, LENGTH - 2):
        first, second = one.notes[max(shift, 0) :], other.notes[max(-shift, 0) :]
        met = min(len(first), len(second))
        common = [(a == b) + (a[0] == b[0]) for a, b in zip(first, second, strict=False)]
        if sum(common) >= met:
            return True
    return False
