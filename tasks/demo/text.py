"""The text demo: six sources, a few thousand rows, and every kind of defect that a run must find, with a benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

import numpy as np

from schemas.reasons import Reason
from tasks.demo.grammar import Scene, scenes
from tasks.demo.planted import answers, cjk, leaks, near, votes
from tasks.demo.planted.broken import REASONS, break_lines
from tasks.demo.similarity import NGRAM
from tasks.demo.truth import Defect, Demo, Planted, Row, as_lines, as_truth
from tasks.demo.words import language

ANSWERS_FILE = "answers.jsonl"
COPIES_FILE = "republished.csv"
VOTES_FILE = "votes.jsonl"
NEAR_FILE = "near.jsonl"
CJK_FILE = "cjk.jsonl"
LEAKS_FILE = "leaks.jsonl"
BENCHMARK_FILE = "benchmark.jsonl"

# YAML 1.1 reads a bare `on` as "true", hence its quotes.
_SOURCES = f"""\
  - name: {answers.SOURCE}
    path: {ANSWERS_FILE}
    license: CC0-1.0
    mapping:
      id: id
      prompt: prompt
      responses: [chosen, rejected]
      winner: {{always: a}}
      annotators: annotator
  - name: {answers.COPIES}
    path: {COPIES_FILE}
    license: CC0-1.0
    mapping:
      id: item
      prompt: instruction
      responses: [output_1, output_2]
      winner: {{column: preference, values: {{"1": a, "2": b}}}}
  - name: {votes.SOURCE}
    path: {VOTES_FILE}
    license: CC0-1.0
    mapping:
      id: id
      prompt: {{messages: messages}}
      responses: [answer_a, answer_b]
      winner: {{values: {{a: a, b: b, tie: tie}}}}
      annotators: {{each: votes, id: worker, vote: vote}}
  - name: {near.SOURCE}
    path: {NEAR_FILE}
    license: CC0-1.0
    mapping: &pairs {{id: id, prompt: prompt, responses: [chosen, rejected], winner: {{always: a}}}}
  - name: {cjk.SOURCE}
    path: {CJK_FILE}
    license: CC0-1.0
    mapping: *pairs
  - name: {leaks.SOURCE}
    path: {LEAKS_FILE}
    license: CC0-1.0
    mapping: {{id: id, prompt: {{messages: messages}}, responses: [chosen, rejected], winner: {{always: a}}}}
"""
_DEDUPE = f"""\
  near: {{threshold: 0.8, ngram: {NGRAM}}}
  contradictions: majority
"""
_DECONTAMINATE = f"""\
  against: [{{name: {leaks.BENCHMARK}, path: {BENCHMARK_FILE}}}]
  ngram: {leaks.NGRAM}
  threshold: 0.5
  near: 0.8
"""
_RULES = """\
  - {name: same_up_to_case, drop: is_same_normalised}
  - {name: empty_side, drop: is_empty}
  - {name: too_short, drop: "chosen_chars < 8 or rejected_chars < 8"}
  - {name: careless, on: judgments, drop: "annotator_agreement < 0.6 and annotator_votes >= 20"}
"""
PLAN = {
    "sources": _SOURCES,
    "dedupe": _DEDUPE,
    "decontaminate": _DECONTAMINATE,
    "rules": _RULES,
    "split": "  {train: 0.8, validation: 0.1, test: 0.1}\n",
}


def generate(seed: int = 7, size: int = 1200) -> Demo:
    """Make the demo: `size` clean rows, about as many with something planted; equal seeds, equal bytes.

    Raises ValueError if `size` is not between 50 and 12,000: each question is asked once, and there are 29,791.
    """
    if not 50 <= size <= 12_000:
        raise ValueError(f"the demo has 50 to 12000 clean rows, not {size}")
    rng, world, few = np.random.default_rng(seed), iter(scenes(seed)), size // 50
    lines, answer_truth, copies = _answers(world, size, rng)
    questions = _take(world, 4 * (few // 2 + 1) + few)
    benchmark = leaks.benchmark_rows(questions)
    planted = {
        VOTES_FILE: _votes(world, size),
        NEAR_FILE: _near(world, few, rng),
        CJK_FILE: _cjk(iter(scenes(seed, language.PRIME)), min(few, 200), rng),
        LEAKS_FILE: _leaks(iter(questions), few // 2 + 1, benchmark),
    }
    written = {
        name: _shuffle(as_lines(chain(*[plant.rows for plant in plants])), rng) for name, plants in planted.items()
    }
    files = {name: b"".join(line + b"\n" for line in rows) for name, rows in {ANSWERS_FILE: lines, **written}.items()}
    files |= {COPIES_FILE: copies, BENCHMARK_FILE: b"".join(line + b"\n" for line in as_lines(benchmark))}
    told = [defect for plants in planted.values() for plant in plants for defect in plant.defects]
    return Demo(files, PLAN, as_truth([*answer_truth, *told]))


def _answers(world: Iterator[Scene], size: int, rng: np.random.Generator) -> tuple[list[bytes], list[Defect], bytes]:
    few = size // 50
    originals = answers.originals(_take(world, 3 * few))
    copies = answers.republished(originals)
    planted = [
        answers.clean(_take(world, size)),
        answers.shared_prompt(_take(world, 2 * few)),
        answers.exact_duplicate(_take(world, few)),
        answers.normalised_duplicate(_take(world, few)),
        answers.swapped(_take(world, few)),
        answers.outvoted(_take(world, few)),
        answers.identical_sides(_take(world, few)),
        answers.same_up_to_case(_take(world, few)),
        answers.empty_side(_take(world, few)),
        answers.too_short(_take(world, few)),
    ]
    rows = chain(originals, *[plant.rows for plant in planted])
    broken = dict(break_lines(answers.plain("broken", _take(world, max(few, 6)))))
    lines = _shuffle([*as_lines(rows), *broken], rng)
    lost = [
        Defect(broken[line].value, answers.SOURCE, [f"{ANSWERS_FILE}:{number}"], broken[line].value)
        for number, line in enumerate(lines, start=1)
        if line in broken
    ]
    lost.sort(key=lambda defect: REASONS.index(Reason(defect.kind)))
    defects = [*chain(*[plant.defects for plant in planted]), *copies.defects, *lost]
    return lines, defects, answers.as_csv([copies.rows[at] for at in rng.permutation(len(copies.rows))])


def _votes(world: Iterator[Scene], size: int) -> list[Planted]:
    few = size // 50
    return [
        votes.multi_vote(_take(world, size // 8)),
        votes.continued(_take(world, 2 * few)),
        votes.uneven_votes(_take(world, few)),
        votes.even_votes(_take(world, few // 2 + 1)),
        votes.tie(_take(world, few // 2 + 1)),
        votes.careless(_take(world, max(30, few))),
    ]


def _near(world: Iterator[Scene], few: int, rng: np.random.Generator) -> list[Planted]:
    return [
        near.near_duplicate(_take(world, 2 * few), rng),
        near.lookalike(_take(world, few), rng),
        near.near_contradiction(_take(world, few), rng),
        near.near_outvoted(_take(world, few), rng),
        near.near_prompt(_take(world, few)),
    ]


def _cjk(world: Iterator[Scene], few: int, rng: np.random.Generator) -> list[Planted]:
    return [
        cjk.cjk_duplicate(_take(world, few)),
        cjk.cjk_disguised(_take(world, few)),
        cjk.cjk_near(_take(world, few), rng),
        cjk.cjk_lookalike(_take(world, few), rng),
        cjk.cjk_contradiction(_take(world, few), rng),
    ]


def _leaks(questions: Iterator[Scene], few: int, benchmark: list[Row]) -> list[Planted]:
    return [
        leaks.leaked_equal(_take(questions, few)),
        leaks.leaked_near(_take(questions, few)),
        leaks.leaked_contained(_take(questions, few), benchmark),
        leaks.common_phrase(_take(questions, few), benchmark),
    ]


def _take(world: Iterator[Scene], count: int) -> list[Scene]:
    return list(islice(world, count))


def _shuffle(lines: list[bytes], rng: np.random.Generator) -> list[bytes]:
    return [lines[at] for at in rng.permutation(len(lines))]
