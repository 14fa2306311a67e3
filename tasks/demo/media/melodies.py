"""Short melodies on a few instruments, each with the one caption that is right for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
_SCALE = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
NOTES = {f"{name}{octave}": 12 * (octave - 4) + above for octave in (4, 5) for name, above in _SCALE.items()}
# How loud each harmonic is, and how fast a note fades, in parts a second.
INSTRUMENTS: dict[str, tuple[tuple[float, ...], float]] = {
    "a flute": ((1.0, 0.2, 0.05), 0.5),
    "an organ": ((1.0, 0.8, 0.6, 0.5, 0.3, 0.3), 0.2),
    "a harp": ((1.0, 0.6, 0.4, 0.2), 4.0),
    "a bell": ((1.0, 0.1, 0.7, 0.1, 0.5), 2.5),
}
LENGTH = 8
# How long a note may be: melodies of one tempo would be alike in when their notes begin.
_SECONDS = (0.28, 0.44)
_LOWEST = 261.63
_EDGE = 0.01


@dataclass(frozen=True)
class Melody:
    """Eight notes on one instrument; melodies that differ in `seed` alone have the same caption."""

    notes: tuple[str, ...]
    instrument: str
    seed: int = 0

    @property
    def caption(self) -> str:
        """The one caption that is right, as in `the notes c4 e4 g4 c5 g4 e4 d4 b4 on a flute`."""
        return f"the notes {' '.join(self.notes)} on {self.instrument}"

    def play(self) -> NDArray[np.float32]:
        """Play it: (samples,) at `RATE`, from -0.5 to 0.5."""
        chance = np.random.default_rng(self.seed)
        harmonics, fading = INSTRUMENTS[self.instrument]
        times = np.arange(round(chance.uniform(*_SECONDS) * RATE)) / RATE
        edge = np.minimum(1, np.minimum(times, times[::-1]) / _EDGE)
        shape = edge * np.exp(-fading * times)
        played = []
        for note in self.notes:
            pitch = _LOWEST * 2 ** (NOTES[note] / 12)
            phases = chance.uniform(0, 2 * np.pi, len(harmonics))
            waves = [
                loud * np.sin(2 * np.pi * pitch * (at + 1) * times + phases[at]) for at, loud in enumerate(harmonics)
            ]
            played.append(shape * np.sum(waves, axis=0))
        whole = np.concatenate(played)
        return np.asarray(whole / np.abs(whole).max() * 0.5, np.float32)


def random_melody(chance: np.random.Generator) -> Melody:
    """Make up a melody in which no note follows itself."""
    names, notes = list(NOTES), list[str]()
    while len(notes) < LENGTH:
        note = names[int(chance.integers(len(names)))]
        if notes[-1:] != [note]:
            notes.append(note)
    instruments = list(INSTRUMENTS)
    return Melody(tuple(notes), instruments[int(chance.integers(len(instruments)))], int(chance.integers(1 << 31)))


def jumble(chance: np.random.Generator) -> NDArray[np.float32]:
    """Make up a jumble of short tones that nobody would take for a melody, about as long as one."""
    played = []
    for _ in range(3 * LENGTH):
        times = np.arange(round(chance.uniform(0.05, 0.18) * RATE)) / RATE
        edge = np.minimum(1, np.minimum(times, times[::-1]) / _EDGE)
        pitches = chance.uniform(220, 2_000, 3)
        played.append(edge * np.sin(2 * np.pi * pitches[:, None] * times).sum(axis=0))
    whole = np.concatenate(played)
    return np.asarray(whole / np.abs(whole).max() * 0.5, np.float32)
