"""How many words of a transcript are wrong."""

from __future__ import annotations

from collections.abc import Sequence


def word_errors(said: Sequence[str], heard: Sequence[str]) -> float:
    """Return the word error rate: words changed, left out or made up, for each word said."""
    wrong = sum(_distance(one.split(), other.split()) for one, other in zip(said, heard, strict=True))
    return wrong / sum(len(one.split()) for one in said)


def _distance(said: Sequence[str], heard: Sequence[str]) -> int:
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], count
        for at, other in enumerate(heard, start=1):
            diagonal, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, diagonal + (word != other))
    return row[-1]
