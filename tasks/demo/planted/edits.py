"""Edits: small changes to a row, one after the other, until it is as near to the row it was as it should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import numpy as np

from tasks.demo.similarity import jaccard, likeness, shingles
from tasks.demo.truth import Defect, Planted, Row

Edit = Callable[[str, np.random.Generator], str]

# The plan's threshold is 0.8. A search by bands finds a pair at 0.8 in all but one of 20,000 cases and one at 0.82 in
# all but one of 100,000: no seed should be unlucky.
NEAR = (0.82, 0.96)
BELOW = (0.74, 0.8)
_WORD = re.compile(r"[a-z]{5,}")
_END_OF_CLAUSE = re.compile(r"[，。、？]")


def couples(
    kind: str, source: str, rows: Iterable[Row], copy: Callable[[int, Row], Row], fate: str, votes: int | None = None
) -> Planted:
    """Plant every row beside the copy that is made of it and its number; the truth says how alike they are."""
    planted, defects = [], []
    for at, first in enumerate(rows):
        second = copy(at, first) | {"id": f"{first['id']}-second"}
        planted += [first, second]
        defects.append(Defect(kind, source, [first["id"], second["id"]], fate, votes, likeness(first, second)))
    return Planted(planted, defects)


def swap(row: Row) -> Row:
    """Exchange the chosen and the rejected answer."""
    return row | {"chosen": row["rejected"], "rejected": row["chosen"]}


def blur(row: Row, edit: Edit, rng: np.random.Generator) -> Row:
    """Edit the answers of a row, which stays near to what it was."""
    return _edited(row, row, edit, rng, NEAR)


def estrange(row: Row, edit: Edit, rng: np.random.Generator) -> Row:
    """Edit a row until it is hardly less like it was than a near copy is, and its question another one too."""
    asked = row["prompt"]
    while jaccard(shingles(row["prompt"]), shingles(asked)) >= BELOW[1]:
        asked = edit(asked, rng)
    return _edited(row, row | {"prompt": asked}, edit, rng, BELOW)


def _edited(row: Row, start: Row, edit: Edit, rng: np.random.Generator, band: tuple[float, float]) -> Row:
    """Edit the answers of `start` until its likeness to `row` is anywhere within `band`."""
    low, high = band
    while True:
        wanted, edited = rng.uniform(low, high), start
        while likeness(row, edited) > wanted:
            side = ("chosen", "rejected")[rng.integers(2)]
            edited = edited | {side: edit(edited[side], rng)}
        if low <= likeness(row, edited) < high:
            return edited


def misspell(text: str, rng: np.random.Generator) -> str:
    """Exchange two neighbouring letters within a word."""
    words = [(found.start(), found[0]) for found in _WORD.finditer(text)]
    places = [start + at for start, word in words for at in range(1, len(word) - 2) if word[at] != word[at + 1]]
    at = places[rng.integers(len(places))]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def add_particle(particles: str) -> Edit:
    """Make the edit that puts one of `particles` at the end of a clause."""

    def edit(text: str, rng: np.random.Generator) -> str:
        ends = [found.start() for found in _END_OF_CLAUSE.finditer(text)]
        at = ends[rng.integers(len(ends))]
        return text[:at] + particles[rng.integers(len(particles))] + text[at:]

    return edit
