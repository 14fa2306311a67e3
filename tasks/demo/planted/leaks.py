"""Leaks: questions of a benchmark among the rows, and rows that have no more than a phrase in common with it.

Each function plants one kind of thing in the scenes it is given. Ids say the kind, so that a reader can follow a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.demo.grammar import Scene, asked_in_benchmark, follow_up, good, poor, prompt
from tasks.demo.similarity import contained, jaccard, shingles
from tasks.demo.truth import Defect, Planted, Row

SOURCE = "leaks"
BENCHMARK = "demo-benchmark"
NGRAM = 8
_PHRASE = 12


def benchmark_rows(scenes: Sequence[Scene]) -> list[Row]:
    """Write the rows of the benchmark."""
    return [{"number": number, "question": asked_in_benchmark(scene)} for number, scene in enumerate(scenes)]


def leaked_equal(scenes: Sequence[Scene]) -> Planted:
    """Plant a benchmark's questions, in capitals or as a later question of a conversation."""
    rows, defects = [], []
    for at, scene in enumerate(scenes):
        asked = asked_in_benchmark(scene)
        talk = [asked.upper()] if at % 2 else [prompt(scene), good(scene, at), asked]
        rows.append(_row("leaked-equal", at, scene, talk))
        defects.append(_leaked("leaked_equal", rows[-1], "equal", 1.0))
    return Planted(rows, defects)


def leaked_near(scenes: Sequence[Scene]) -> Planted:
    """Plant a benchmark's questions with a word of politeness."""
    rows, defects = [], []
    for at, scene in enumerate(scenes):
        asked = asked_in_benchmark(scene)
        polite = f"Hello. {asked}" if at % 2 else f"{asked[:-1]}, please?"
        rows.append(_row("leaked-near", at, scene, [polite]))
        defects.append(_leaked("leaked_near", rows[-1], "near", jaccard(shingles(asked), shingles(polite))))
    return Planted(rows, defects)


def leaked_contained(scenes: Sequence[Scene], benchmark: Sequence[Row]) -> Planted:
    """Plant questions that quote the greater part of a benchmark's question among other things."""
    rows, defects = [], []
    for at, scene in enumerate(scenes):
        words = asked_in_benchmark(scene).split()
        quoted = " ".join(words[: len(words) * 9 // 10] if at % 2 else words)
        talk = [f"{prompt(scene)} My teacher put it like this: {quoted} {follow_up(scene, 1)}"]
        rows.append(_row("leaked-contained", at, scene, talk))
        defects.append(_leaked("leaked_contained", rows[-1], "contained", _most_contained(benchmark, talk[0])))
    return Planted(rows, defects)


def common_phrase(scenes: Sequence[Scene], benchmark: Sequence[Row]) -> Planted:
    """Plant questions with a dozen words of a benchmark's question: too few to be the question."""
    rows, defects = [], []
    for at, scene in enumerate(scenes):
        words = asked_in_benchmark(scene).split()
        begin = at % (len(words) - _PHRASE + 1)
        phrase = " ".join(words[begin : begin + _PHRASE])
        talk = [f"{prompt(scene)} Somebody said: {phrase}. {follow_up(scene, 1)}"]
        rows.append(_row("common-phrase", at, scene, talk))
        score = _most_contained(benchmark, talk[0])
        defects.append(Defect("common_phrase", SOURCE, [rows[-1]["id"]], "kept", 1, score))
    return Planted(rows, defects)


def _row(kind: str, at: int, scene: Scene, talk: Sequence[str]) -> dict[str, Any]:
    roles = ("user", "assistant")
    messages = [{"role": roles[turn % 2], "content": said} for turn, said in enumerate(talk)]
    answers = {"chosen": good(scene, at + 1), "rejected": poor(scene, at // 5)}
    return {"id": f"{kind}-{at:04d}", "messages": messages, **answers}


def _leaked(kind: str, row: Row, method: str, score: float) -> Defect:
    return Defect(kind, SOURCE, [row["id"]], f"in_benchmark_{method}", score=score)


def _most_contained(benchmark: Sequence[Row], text: str) -> float:
    return max(contained(row["question"], text, NGRAM) for row in benchmark)
