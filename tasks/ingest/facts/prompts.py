"""The prompt of each row: texts, a filled template, or a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.mapping.content import Prompt
from schemas.mapping.mapping import HOLE
from tasks.ingest.facts.messages import Message, as_messages
from tasks.ingest.facts.responses import left_over
from tasks.ingest.facts.transcripts import turns_of
from tasks.ingest.rows.faults import Fault, Faults, absent, mistyped
from tasks.ingest.rows.jsontext import decoded
from tasks.ingest.rows.paths import MISSING, Doc, column


def prompt_values(prompt: Prompt | None, docs: Sequence[Doc], faults: Faults) -> list[Any]:
    """Read what each row says as its prompt: text, or a list of messages; null if the responses hold it."""
    values = _values(prompt, docs, faults)
    if prompt is not None and prompt.without is not None:
        values = [left_over(found, prompt.without) for found in values]
    if prompt is not None and prompt.history is not None:
        histories = column(docs, prompt.history)
        for row, (found, said) in enumerate(zip(values, histories, strict=True)):
            earlier = _earlier(prompt.history, None if said is MISSING else said)
            if isinstance(earlier, Fault):
                faults.setdefault(row, earlier)
            elif earlier and isinstance(found, str):
                values[row] = [*earlier, {"role": "user", "content": found}]
    return values


def _earlier(path: str, said: Any) -> list[Message] | Fault:
    """Read a list of [question, answer] as messages."""
    turns = decoded(said) if isinstance(said, str) else said
    turns = [] if turns is None or turns == "" else turns
    is_paired = isinstance(turns, list) and all(isinstance(turn, list) and len(turn) == 2 for turn in turns)
    if not is_paired or not all(isinstance(text, str) for turn in turns for text in turn):
        return mistyped(path, said, "a list of [question, answer]")
    roles = ("user", "assistant")
    return [{"role": role, "content": text} for turn in turns for role, text in zip(roles, turn, strict=True)]


def _values(prompt: Prompt | None, docs: Sequence[Doc], faults: Faults) -> list[Any]:
    if prompt is None or not prompt.has_words:
        return [None] * len(docs)
    if prompt.template is not None:
        return _filled(prompt.template, docs, faults)
    if prompt.dialogue is not None:
        return _spoken(prompt.dialogue, docs, faults)
    if prompt.messages is None and len(prompt.columns) > 1:
        return _joined(prompt.columns, docs, faults)
    path = prompt.messages or prompt.columns[0]
    values = column(docs, path)
    keys = (prompt.role_key, prompt.content_key)
    for row, value in enumerate(values):
        if type(value) is not str or value[:1] in ("[", "{") or prompt.messages is not None:
            turns = None if prompt.messages is None else _user_turns(value)
            read = turns or _one(path, value, docs[row], keys)
            if isinstance(read, Fault):
                faults.setdefault(row, read)
            values[row] = None if isinstance(read, Fault) else read
    return values


def _one(path: str, value: Any, doc: Doc, keys: tuple[str, str]) -> str | list[Message] | Fault:
    if value is None or value is MISSING:
        return absent(path, value, doc)
    messages = as_messages(value, keys)
    if messages is not None:
        return messages
    return value if isinstance(value, str) else mistyped(path, value, "a text or a list of messages")


def _user_turns(value: Any) -> list[Message] | None:
    """Bare texts in a list, or in JSON text of one, are the turns of a user."""
    turns = decoded(value) if isinstance(value, str) else value
    if not isinstance(turns, list):
        return None
    texts = [turn for turn in turns if turn is not None]
    is_bare = bool(texts) and all(isinstance(turn, str) for turn in texts)
    return [{"role": "user", "content": turn} for turn in texts] if is_bare else None


def _spoken(path: str, docs: Sequence[Doc], faults: Faults) -> list[list[Message] | None]:
    """Take a transcript in one column apart, down to the last turn that says something."""
    said: list[list[Message] | None] = []
    for row, found in enumerate(column(docs, path)):
        turns = turns_of(found, "hh") if isinstance(found, str) else None
        if turns is None:
            is_gone = found is None or found is MISSING
            wanted = "a transcript of Human and Assistant turns"
            faults.setdefault(row, absent(path, found, docs[row]) if is_gone else mistyped(path, found, wanted))
        elif turns[-1] == {"role": "assistant", "content": ""}:
            turns.pop()
        said.append(turns)
    return said


def _joined(paths: Sequence[str], docs: Sequence[Doc], faults: Faults) -> list[str | None]:
    """Join the texts of several columns by a blank line, leaving nulls and empty ones out."""
    rows = zip(*(column(docs, path) for path in paths), strict=True)
    return [_join(paths, values, docs[row], row, faults) for row, values in enumerate(rows)]


def _join(paths: Sequence[str], values: Sequence[Any], doc: Doc, row: int, faults: Faults) -> str | None:
    texts = [value for value in values if value is not None and value is not MISSING and value != ""]
    odd = [
        (path, value) for path, value in zip(paths, values, strict=True) if value in texts and type(value) is not str
    ]
    if odd:
        faults.setdefault(row, mistyped(*odd[0], "a text"))
    elif not texts and "" not in values:
        faults.setdefault(row, absent(paths[0], values[0], doc))
    return None if odd else "\n\n".join(texts)


def _filled(template: str, docs: Sequence[Doc], faults: Faults) -> list[str | None]:
    """Put the texts of each row into the holes of `template`."""
    paths = HOLE.findall(template)
    literals = HOLE.split(template)[::2]
    columns = [column(docs, path) for path in paths]
    filled: list[str | None] = []
    for row in range(len(docs)):
        texts = [_hole(path, values[row], docs[row]) for path, values in zip(paths, columns, strict=True)]
        wrong = [text for text in texts if isinstance(text, Fault)]
        if wrong:
            faults.setdefault(row, wrong[0])
        inner = "".join(f"{text}{literal}" for text, literal in zip(texts, literals[1:], strict=True))
        filled.append(None if wrong else literals[0] + inner)
    return filled


def _hole(path: str, value: Any, doc: Doc) -> str | Fault:
    if value is None or value is MISSING:
        return absent(path, value, doc)
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    return mistyped(path, value, "a text or a number")
