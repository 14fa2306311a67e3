"""Conversations of rounds, a question and an answer each, become one item each: the last answer is the one judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.mapping.mapping import steps
from schemas.mapping.shapes import Rounds
from tasks.ingest.items.kinds import Items
from tasks.ingest.judgments.outcomes import number
from tasks.ingest.rows.faults import Fault, Faults, absent, mistyped
from tasks.ingest.rows.paths import MISSING, Doc, elements, value


def rounds_of(rounds: Rounds, docs: Sequence[Doc], faults: Faults) -> Items:
    """Turn every row into an item with what was said before the last answer; a row without a round has a fault."""
    items = Items([], [], [])
    for row, doc in enumerate(docs):
        said = _said(rounds, doc)
        if isinstance(said, Fault):
            faults[row] = said
            continue
        items.docs.append({**_before(rounds, said), "last": said[-1], "row": doc})
        items.rows.append(row)
        items.keys.append("")
    return items


def _said(rounds: Rounds, doc: Doc) -> list[Doc] | Fault:
    """List the rounds of a row up to the one that is judged."""
    found = value(doc, steps(rounds.each))
    listed = None if found is MISSING else elements(found)
    if listed is None or not all(isinstance(each, dict) for each in listed):
        is_gone = found is None or found is MISSING
        return absent(rounds.each, found, doc) if is_gone else mistyped(rounds.each, found, "a list of rounds")
    said = [each for each in listed if _counts(rounds, each)]
    if rounds.last is not None:
        last = value(doc, steps(rounds.last))
        if not isinstance(last, dict):
            return absent(rounds.last, last, doc) if last in (None, MISSING) else mistyped(rounds.last, last, "a round")
        said.append(last)
    return said or mistyped(rounds.each, found, "a list with rounds in it")


def _counts(rounds: Rounds, each: Doc) -> bool:
    found = number(value(each, steps(rounds.number)))
    return found is None or found >= rounds.first


def _before(rounds: Rounds, said: Sequence[Doc]) -> dict[str, list[Any]]:
    """Write down what was said before the last answer, and which media stood in it."""
    sides = (("user", rounds.question, rounds.question_media), ("assistant", rounds.answer, rounds.answer_media))
    turns = [(each, side) for each in said for side in sides][:-1]
    messages = [{"role": role, "content": text} for each, (role, path, _) in turns for text in _texts(each, path)]
    media = [found for each, (_, _, path) in turns for found in _texts(each, path)]
    return {"messages": messages, "media": media}


def _texts(each: Doc, path: str | None) -> Iterator[Any]:
    """Give what a round has at `path`, if it has it."""
    found = MISSING if path is None else value(each, steps(path))
    if found is not MISSING and found is not None:
        yield found
