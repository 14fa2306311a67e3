"""Sentences of a small grammar that are asked, shown or spoken: about the pictures, numbers, and simple wishes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tasks.demo.media.pictures import COUNTS, PLACES, RELATIONS, SIZES, random_picture
from tasks.demo.media.shapes import BACKGROUNDS, COLOURS, SHAPES

ASKED = ("draw {}", "a picture of {}", "please show {}", "i want to see {}")
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

_SLOTS: dict[str, tuple[str, ...]] = {
    "verb": ("open", "close", "find", "clean", "move", "paint"),
    "thing": ("door", "window", "box", "table", "garden", "kitchen", "book", "letter"),
    "food": ("bread", "soup", "rice", "tea", "coffee", "water"),
    "animal": ("dog", "cat", "horse", "bird", "fish"),
    "day": ("monday", "tuesday", "friday", "sunday", "today", "tomorrow"),
    "which": ("first", "second", "third", "last"),
    "quality": ("better", "shorter", "clear", "wrong", "polite", "helpful"),
    "weather": ("sunny", "cold", "warm", "windy", "wet"),
    "way": ("left", "right", "up", "down", "back"),
    "colour": tuple(COLOURS),
    "shape": SHAPES,
    "digit": DIGITS,
    "tens": TENS,
}
# Each with how often it is said.
_FRAMES: dict[str, int] = {
    "{group}": 3,
    "{caption}": 3,
    "draw {group}": 1,
    "please show {group}": 1,
    "{digit} {digit} {digit}": 1,
    "{digit} {digit} {digit} {digit} {digit}": 1,
    "{tens} {digit}": 1,
    "the answer is {tens} {digit}": 1,
    "please {verb} the {thing}": 1,
    "{verb} the {colour} {thing}": 1,
    "do not {verb} the {thing} {day}": 1,
    "turn {way} and then {way}": 1,
    "the {which} answer is {quality}": 2,
    "i think the {which} picture is {quality}": 1,
    "the {animal} is in the {thing}": 1,
    "a {colour} {animal} and a {colour} {animal}": 1,
    "it is {weather} {day}": 1,
    "we eat {food} and {food} on {day}": 1,
    "touch the {colour} {shape}": 1,
    "is the {thing} {colour} or {colour}": 1,
}
_SLOT = re.compile(r"\{(\w+)\}")


def ask(caption: str, way: int) -> str:
    """Ask for a picture of what a caption says; `way` counts through the wordings."""
    return ASKED[way % len(ASKED)].format(caption)


def random_sentence(chance: np.random.Generator) -> str:
    """Make up a sentence, in small letters and without signs."""
    frames, often = list(_FRAMES), np.array([*_FRAMES.values()], dtype=float)
    frame = frames[int(chance.choice(len(frames), p=often / often.sum()))]
    return _SLOT.sub(lambda slot: _fill(slot[1], chance), frame)


def _fill(slot: str, chance: np.random.Generator) -> str:
    if slot == "caption":
        return random_picture(chance, pairs=0.3).caption
    if slot == "group":
        return random_picture(chance, pairs=0.0).groups[0].words
    return _one(_SLOTS[slot], chance)


def _one(words: Sequence[str], chance: np.random.Generator) -> str:
    return words[int(chance.integers(len(words)))]


def words() -> list[str]:
    """List every word that a sentence may have."""
    plural = [f"{shape}es" if shape == "cross" else f"{shape}s" for shape in SHAPES]
    scenes = [*PLACES, *RELATIONS, *COUNTS, *SIZES, *BACKGROUNDS, *plural, "on a background"]
    slots = [word for filled in _SLOTS.values() for word in filled]
    frames = [_SLOT.sub("", frame) for frame in _FRAMES]
    asked = [way.replace("{}", "") for way in ASKED]
    return sorted({word for text in (*scenes, *slots, *frames, *asked) for word in text.split()})
