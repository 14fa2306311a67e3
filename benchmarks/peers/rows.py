"""What the scripts of several peers do alike: read rows, cut words into shingles, keep the first of each group."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

NGRAM = 5


def read_rows(path: Path) -> tuple[list[str], list[str]]:
    """Return ids and texts."""
    with path.open() as lines:
        rows = [json.loads(line) for line in lines]
    return [row["id"] for row in rows], [row["text"] for row in rows]


def shingles(text: str) -> list[str]:
    """Cut a text at white space into every five words in a row."""
    words = text.lower().split()
    return [" ".join(words[at : at + NGRAM]) for at in range(max(1, len(words) - NGRAM + 1))]


def keep_first_of_groups(count: int, found: Iterable[tuple[int, int]]) -> list[int]:
    """Keep the first of every group of rows that `found` ties together, through chains too."""
    parent = list(range(count))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for one, other in found:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return [at for at in range(count) if parent[at] == at]


def write_kept(folder: Path, ids: list[str], kept: list[int]) -> None:
    """Write the ids of the kept rows, one a line."""
    (folder / "kept.txt").write_text("".join(f"{ids[at]}\n" for at in kept))
