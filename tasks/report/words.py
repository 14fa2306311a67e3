"""Which words of two texts differ."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
# Comparing takes the square of it.
_MOST_TOKENS = 400
_CONTEXT = 30


class Run(NamedTuple):
    """A stretch of a text, and whether the other text has something else there."""

    text: str
    is_different: bool


def differing(left: str, right: str) -> tuple[list[Run], list[Run]]:
    """Cut two texts into runs that are in both and runs that differ, word by word, in their order.

    Long texts are shown from shortly before their first difference, and for 400 words and signs from there; an
    ellipsis stands for what is left out. Otherwise the runs of a text add up to it.
    """
    sides = [_TOKEN.findall(left), _TOKEN.findall(right)]
    start = max(_same_at_start(*sides) - _CONTEXT, 0) if max(map(len, sides)) > _MOST_TOKENS else 0
    a, b = (side[start : start + _MOST_TOKENS] for side in sides)
    runs: tuple[list[Run], list[Run]] = ([], [])
    for kind, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for told, tokens in ((runs[0], a[a_from:a_to]), (runs[1], b[b_from:b_to])):
            if tokens:
                told.append(Run("".join(tokens), kind != "equal"))
    for told, side in zip(runs, sides, strict=True):
        if start and told:
            told.insert(0, Run("… ", is_different=False))
        if len(side) > start + _MOST_TOKENS:
            told.append(Run(" …", is_different=False))
    return runs


def _same_at_start(left: list[str], right: list[str]) -> int:
    together = zip(left, right, strict=False)
    return next((at for at, (a, b) in enumerate(together) if a != b), min(len(left), len(right)))
