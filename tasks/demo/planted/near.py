"""Near: rows that somebody spelt a little differently, and rows that only look like copies.

Each function plants one kind of thing in the scenes it is given. Ids say the kind, so that a reader can follow a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tasks.demo.grammar import Scene, good, poor, prompt
from tasks.demo.planted.edits import blur, couples, estrange, misspell, swap
from tasks.demo.similarity import jaccard, likeness, shingles
from tasks.demo.truth import Defect, Planted, Row

SOURCE = "near"
_POLITE: tuple[Callable[[str], str], ...] = (
    lambda asked: f"Hello. {asked}",
    lambda asked: f"{asked} Thank you.",
    lambda asked: f"Good morning. {asked} Thanks.",
    lambda asked: f"{asked[:-1]}, if possible.",
)


def near_duplicate(scenes: Sequence[Scene], rng: np.random.Generator) -> Planted:
    """Plant rows with a copy that is misspelt here and there: one of the two must go."""
    rows = _rows("near-duplicate", scenes)
    return couples("near_duplicate", SOURCE, rows, lambda _, row: blur(row, misspell, rng), "near_duplicate", 1)


def lookalike(scenes: Sequence[Scene], rng: np.random.Generator) -> Planted:
    """Plant rows with a copy that differs a little too much: both stay, and nothing ties them together."""
    rows = _rows("lookalike", scenes)
    return couples("lookalike", SOURCE, rows, lambda _, row: estrange(row, misspell, rng), "apart", 1)


def near_contradiction(scenes: Sequence[Scene], rng: np.random.Generator) -> Planted:
    """Plant rows whose misspelt copy has chosen and rejected exchanged: one vote against one."""
    rows = _rows("near-contradiction", scenes)
    return couples("near_contradiction", SOURCE, rows, lambda _, row: swap(blur(row, misspell, rng)), "contradictory")


def near_outvoted(scenes: Sequence[Scene], rng: np.random.Generator) -> Planted:
    """Plant rows that a copy agrees with, to the letter or misspelt, and that another misspelt copy contradicts."""
    rows, defects = [], []
    for at, first in enumerate(_rows("near-outvoted", scenes)):
        second = blur(first, misspell, rng) if at % 2 else first
        third = swap(blur(first, misspell, rng))
        rows += [first, second | {"id": f"{first['id']}-second"}, third | {"id": f"{first['id']}-third"}]
        keys = [row["id"] for row in rows[-3:]]
        likenesses = [likeness(first, other) for other in (second, third)]
        defects.append(Defect("near_outvoted", SOURCE, keys, "outvoted", 1 if at % 2 else 2, min(likenesses)))
    return Planted(rows, defects)


def near_prompt(scenes: Sequence[Scene]) -> Planted:
    """Plant questions that are asked once more with a word of politeness and answered differently."""
    rows, defects = [], []
    for at, (first, scene) in enumerate(zip(_rows("near-prompt", scenes), scenes, strict=True)):
        asked = _POLITE[at % len(_POLITE)](first["prompt"])
        answers = {"chosen": good(scene, at + 1), "rejected": poor(scene, at // 5 + 1)}
        second = {"id": f"{first['id']}-second", "prompt": asked, **answers}
        rows += [first, second]
        score = jaccard(shingles(first["prompt"]), shingles(asked))
        defects.append(Defect("near_prompt", SOURCE, [first["id"], second["id"]], "one_split", 1, score))
    return Planted(rows, defects)


def _rows(kind: str, scenes: Sequence[Scene]) -> list[Row]:
    return [
        {"id": f"{kind}-{at:04d}", "prompt": prompt(scene), "chosen": good(scene, at), "rejected": poor(scene, at // 5)}
        for at, scene in enumerate(scenes)
    ]
