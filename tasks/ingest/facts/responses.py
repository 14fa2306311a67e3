"""The responses of each row as the source holds them: columns, or the elements of lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from schemas.mapping.content import Response
from schemas.mapping.mapping import HOLE, Mapping, steps
from schemas.reasons import Reason
from tasks.ingest.rows.faults import Fault, Faults, absent, mistyped
from tasks.ingest.rows.paths import MISSING, Doc, column, elements, optional, value

# Keys of a message whose values are words.
_CONTENTS: Final = ("content", "value", "text")


class Answer(NamedTuple):
    """What the source holds of one response."""

    text: Any
    media: Any
    generator: Any


class Answers(NamedTuple):
    """The responses of every row: their texts or messages, their media, and who wrote them."""

    texts: list[tuple[Any, ...]]
    media: list[tuple[Any, ...]]
    generators: list[tuple[Any, ...]]


def read_answers(mapping: Mapping, docs: Sequence[Doc], faults: Faults) -> Answers:
    """Read the responses of every row; rows that lack one get a fault."""
    parts = mapping.responses
    if any(part.each is not None for part in parts):
        answers = _from_lists(mapping, docs, faults)
    else:
        nothing = [(None,) * len(parts)] * len(docs)
        has_media = any(part.has_media for part in parts)
        has_names = any(part.generator is not None or part.generator_name is not None for part in parts)
        answers = Answers(
            _zipped([_texts(part, docs) for part in parts], len(docs)),
            _zipped([_media(part, docs) for part in parts], len(docs)) if has_media else nothing,
            _zipped([_generators(part, docs) for part in parts], len(docs)) if has_names else [*nothing],
        )
    for row, texts_of_row in enumerate(answers.texts):
        if (None in texts_of_row or MISSING in texts_of_row) and row not in faults:
            fault = _gap(parts, texts_of_row, answers.media[row], docs[row])
            if fault is not None:
                faults[row] = fault
    return answers


def _zipped(columns: list[list[Any]], rows: int) -> list[tuple[Any, ...]]:
    return list(zip(*columns, strict=True)) if columns else [()] * rows


def _media(part: Response, docs: Sequence[Doc]) -> list[Any]:
    found = optional(docs, part.media)
    if part.media_name is None:
        return found
    return [_name_of(part.media_name, docs[row]) if _is_nothing(each) else each for row, each in enumerate(found)]


def _is_nothing(media: Any) -> bool:
    return media is MISSING or media is None or media == ""


def _name_of(template: str, doc: Doc) -> str | None:
    """Fill the name of a medium that no column names; none if the row lacks what is to be put in."""
    held = [value(doc, steps(path)) for path in HOLE.findall(template)]
    if any(each is None or each is MISSING for each in held):
        return None
    literals = HOLE.split(template)[::2]
    return literals[0] + "".join(f"{each}{literal}" for each, literal in zip(held, literals[1:], strict=True))


def _texts(part: Response, docs: Sequence[Doc]) -> list[Any]:
    if part.text is None:
        return [None] * len(docs)
    found = column(docs, part.text)
    return found if part.without is None else [left_over(text, part.without) for text in found]


def left_over(text: Any, pattern: str | None) -> Any:
    """Leave out of a text, or of the texts of messages, what `pattern` finds; anything else stays as it is."""
    if pattern is None:
        return text
    if isinstance(text, str):
        return re.sub(pattern, "", text)
    if isinstance(text, list):
        return [left_over(each, pattern) if isinstance(each, dict | list) else each for each in text]
    if not isinstance(text, dict):
        return text
    return {key: left_over(each, pattern) if key in _CONTENTS else each for key, each in text.items()}


def _generators(part: Response, docs: Sequence[Doc]) -> list[Any]:
    if part.generator is None:
        return [part.generator_name] * len(docs)
    return [part.generator_name if name is None else name for name in optional(docs, part.generator)]


def _from_lists(mapping: Mapping, docs: Sequence[Doc], faults: Faults) -> Answers:
    rows: list[list[Answer]] = []
    for row, doc in enumerate(docs):
        found = [_elements_of(part, doc) for part in mapping.responses]
        wrong = next((each for each in found if isinstance(each, Fault)), None)
        answers = list(chain.from_iterable(each for each in found if not isinstance(each, Fault)))
        if wrong is None and not answers and not mapping.unfolds:
            wrong = Fault(Reason.no_response, f"'{mapping.responses[0].each}' is empty")
        if wrong is not None:
            faults.setdefault(row, wrong)
        rows.append(answers)
    columns = [[tuple(answer[field] for answer in answers) for answers in rows] for field in range(3)]
    return Answers(*columns)


def _elements_of(part: Response, doc: Doc) -> list[Answer] | Fault:
    if part.each is None:
        return [_answer(part, doc)]
    found = value(doc, steps(part.each))
    if found is None or found is MISSING:
        return absent(part.each, found, doc)
    visited = elements(found)
    if visited is None:
        return mistyped(part.each, found, "a list of responses")
    return [_answer(part, each) for each in visited]


def _answer(part: Response, element: Any) -> Answer:
    if part.is_media:
        return Answer(None, element, part.generator_name)
    if part.text is None and not part.has_media:
        return Answer(left_over(element, part.without), None, part.generator_name)
    text, media, generator = (
        None if path is None else value(element, steps(path)) for path in (part.text, part.media, part.generator)
    )
    name = part.generator_name if generator in (None, MISSING) else generator
    if part.media_name is not None and _is_nothing(media):
        media = _name_of(part.media_name, element)
    return Answer(left_over(text, part.without), None if media is MISSING else media, name)


def _gap(parts: Sequence[Response], texts: Sequence[Any], media: Sequence[Any], doc: Doc) -> Fault | None:
    """Say which response is not there; a medium alone is a response."""
    gone = [at for at, text in enumerate(texts) if (text is None or text is MISSING) and media[at] is None]
    if not gone:
        return None
    if len(gone) == len(texts) and MISSING not in texts:
        return Fault(Reason.no_response, "every response of the row is null")
    part = parts[gone[0]] if len(parts) == len(texts) else parts[0]
    path = part.text or part.media or part.media_name or ""
    name = path if part.each is None else f"{part.each}[{gone[0]}].{path}".rstrip(".")
    return absent(name, texts[gone[0]], doc if part.each is None else None)
