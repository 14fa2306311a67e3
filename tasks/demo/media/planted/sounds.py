"""Sounds: melodies that are asked for, inside the rows as `data:` URIs, and what happens to sounds.

Each function plants one kind of thing. Ids say the kind, so that a reader can follow a row.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from tasks.demo.media.encode import Samples, as_mp3, as_wav
from tasks.demo.media.gallery import Gallery
from tasks.demo.media.melodies import Melody, jumble
from tasks.demo.truth import Defect, Planted, Row

SOURCE = "sounds"
_KINDS = {"audio/wav": as_wav, "audio/mpeg": as_mp3}


class Spoken(NamedTuple):
    """A sentence in small letters and without signs, and somebody saying it, as FLAC."""

    sentence: str
    sound: bytes


def spoken_sentence(count: int, spoken: Sequence[Spoken]) -> Planted:
    """Plant sentences to be said, with the right one and another one; a model has to write down what was said."""
    rows = []
    for at in range(count):
        right, other = spoken[2 * at : 2 * at + 2]
        sides = {"chosen": _encoded(right.sound, "audio/flac"), "rejected": _encoded(other.sound, "audio/flac")}
        rows.append({"id": f"spoken-sentence-{at:04d}", "prompt": f"please say {right.sentence}", **sides})
    return Planted(rows, [Defect("spoken_sentence", SOURCE, [row["id"]], "kept", 1) for row in rows])


def sound_fits(gallery: Gallery, count: int, chance: np.random.Generator) -> Planted:
    """Plant prompts with the melody that was asked for and with a jumble of tones."""
    rows = [_row(f"sound-fits-{at:04d}", gallery.melody(), chance) for at in range(count)]
    return Planted(rows, [Defect("sound_fits", SOURCE, [row["id"]], "kept", 1) for row in rows])


def silent_sound(gallery: Gallery, count: int, chance: np.random.Generator) -> Planted:
    """Plant melodies that nobody can hear."""
    rows = [_row(f"silent-sound-{at:04d}", gallery.melody(), chance, _hushed) for at in range(count)]
    return Planted(rows, [Defect("silent_sound", SOURCE, [row["id"]], "silent") for row in rows])


def clipped_sound(gallery: Gallery, count: int, chance: np.random.Generator) -> Planted:
    """Plant melodies that were recorded much too loud."""
    rows = [_row(f"clipped-sound-{at:04d}", gallery.melody(), chance, _overdriven) for at in range(count)]
    return Planted(rows, [Defect("clipped_sound", SOURCE, [row["id"]], "clipped") for row in rows])


def sound_again(kind: str, gallery: Gallery, count: int, chance: np.random.Generator) -> Planted:
    """Plant melodies that come back in a row of their own, re-encoded or without their first two notes."""
    rows, defects = [], []
    for at in range(count):
        melody = gallery.melody()
        first = _row(f"{kind.replace('_', '-')}-{at:04d}", melody, chance)
        second = first | {"id": f"{first['id']}-second", "prompt": _hint(melody), "rejected": _uri(jumble(chance))}
        played = melody.play()
        again = _uri(played, "audio/mpeg") if kind == "sound_reencoded" else _uri(played[len(played) // 4 :])
        rows += [first, second | {"chosen": again}]
        defects.append(Defect(kind, SOURCE, [first["id"], second["id"]], "linked", 1))
    return Planted(rows, defects)


def sound_lookalike(gallery: Gallery, count: int, chance: np.random.Generator) -> Planted:
    """Plant melodies that begin with the same three notes of eight: nothing ties them together."""
    rows, defects = [], []
    for at in range(count):
        melody, other = gallery.melodies(notes=3)
        pair = [
            _row(f"sound-lookalike-{at:04d}", melody, chance),
            _row(f"sound-lookalike-{at:04d}-second", other, chance),
        ]
        rows += pair
        defects.append(Defect("sound_lookalike", SOURCE, [row["id"] for row in pair], "apart", 1))
    return Planted(rows, defects)


def _row(
    name: str, melody: Melody, chance: np.random.Generator, spoil: Callable[[Samples], Samples] | None = None
) -> Row:
    played = melody.play()
    chosen = played if spoil is None else spoil(played)
    return {"id": name, "prompt": f"play {melody.caption}", "chosen": _uri(chosen), "rejected": _uri(jumble(chance))}


def _hint(melody: Melody) -> str:
    return f"something for {melody.instrument} from {melody.notes[0]} by {' and '.join(melody.notes[3:6])}"


def _hushed(played: Samples) -> Samples:
    return np.asarray(played / 5_000, np.float32)


def _overdriven(played: Samples) -> Samples:
    return np.clip(played * 8, -1, 1)


def _uri(samples: Samples, kind: str = "audio/wav") -> str:
    return _encoded(_KINDS[kind](samples), kind)


def _encoded(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
