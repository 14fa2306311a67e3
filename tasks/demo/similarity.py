"""How alike the demo's texts really are, by plain sets of tuples: the truth that a search for copies is held to."""

from __future__ import annotations

import re
import unicodedata

from tasks.demo.truth import Row

Sets = frozenset[tuple[str, ...]]

SIDES = ("prompt", "chosen", "rejected")
NGRAM = 5
# All that the demo writes: words of Latin letters, or one kana or Chinese character.
_TOKEN = re.compile(r"[a-z0-9]+|[\u3041-\u30ff\u3400-\u9fff]")


def shingles(text: str, ngram: int = NGRAM) -> Sets:
    """Return every `ngram` consecutive tokens of a text; a shorter text is one shingle."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    if len(tokens) < ngram:
        return frozenset([tuple(tokens)] if tokens else [])
    return frozenset(zip(*[tokens[at:] for at in range(ngram)], strict=False))


def jaccard(one: Sets, two: Sets) -> float:
    """Return the share of all members that both sets have; 0 for two empty sets."""
    return len(one & two) / len(one | two) if one | two else 0.0


def likeness(one: Row, two: Row) -> float:
    """Return how near two rows are as pairs: by all three texts, or by the two answers, whichever is less."""
    first, second = ([shingles(row[side]) for side in SIDES] for row in (one, two))
    answers = jaccard(first[1] | first[2], second[1] | second[2])
    return min(answers, jaccard(frozenset().union(*first), frozenset().union(*second)))


def contained(question: str, text: str, ngram: int) -> float:
    """Return the share of a question's n-grams that stand in a text."""
    asked = shingles(question, ngram)
    return len(asked & shingles(text, ngram)) / len(asked)
