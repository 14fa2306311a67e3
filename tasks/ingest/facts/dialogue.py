"""Who said what: splits each row into the prompt and the responses to it, whichever way the source mixes them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from schemas.mapping.content import Prompt
from schemas.mapping.mapping import Mapping
from schemas.reasons import Reason
from tasks.ingest.facts.messages import (
    Message,
    answer_of,
    as_messages,
    shared_prefix,
    text_of,
    without_system,
)
from tasks.ingest.facts.prompts import prompt_values
from tasks.ingest.facts.responses import Answers
from tasks.ingest.facts.transcripts import turns_of
from tasks.ingest.judgments.outcomes import number
from tasks.ingest.rows.faults import Fault, Faults, mistyped
from tasks.ingest.rows.jsontext import decoded
from tasks.ingest.rows.paths import Doc, optional


class Turns(NamedTuple):
    """One row's prompt and the texts of its responses. No `messages` means that the prompt is one user turn."""

    prompt: str | None
    messages: list[Message] | None
    system: str | None
    texts: tuple[str | None, ...]


class Dialogue(NamedTuple):
    """The prompts of all rows and the texts of their responses; the fields of `Turns` as columns."""

    prompts: list[str | None]
    messages: list[list[Message] | None]
    systems: list[str | None]
    texts: list[tuple[str | None, ...]]


def read_dialogue(mapping: Mapping, docs: Sequence[Doc], answers: Answers, faults: Faults) -> Dialogue:
    """Read the prompt of every row and what was answered to it; rows where that fails get a fault."""
    prompt = mapping.prompt
    values = prompt_values(prompt, docs, faults)
    counted = [number(found) for found in optional(docs, None if prompt is None else prompt.turns)]
    systems = [found if isinstance(found, str) else None for found in optional(docs, mapping.system)]
    messages: list[list[Message] | None] = [None] * len(docs)
    texts = list(answers.texts)
    for row in _mixed(prompt, values, texts):
        turns = Turns(None, None, None, ()) if row in faults else _turns(mapping, values[row], texts[row], counted[row])
        if isinstance(turns, Fault):
            faults[row] = turns
            continue
        values[row], messages[row], texts[row] = turns.prompt, turns.messages, turns.texts
        systems[row] = systems[row] if turns.system is None else turns.system
    return Dialogue(values, messages, systems, texts)


def _mixed(prompt: Prompt | None, values: Sequence[Any], texts: Sequence[tuple[Any, ...]]) -> Sequence[int]:
    """Name the rows that are more than a plain prompt and plain texts."""
    every = range(len(values))
    if prompt is None or prompt.implicit or prompt.transcript is not None:
        return every
    if {type(text) for found in chain([values], texts) for text in found} == {str}:
        openings = {text[:1] for found in texts for text in found}
        if not openings & {"[", "{"}:
            return ()
    return [row for row in every if type(values[row]) is not str or not all(map(_is_plain, texts[row]))]


def _is_plain(text: Any) -> bool:
    return type(text) is str and text[:1] not in ("[", "{")


def _turns(mapping: Mapping, value: Any, found: tuple[Any, ...], counted: float | None) -> Turns | Fault:
    prompt = mapping.prompt
    if prompt is None or not (prompt.implicit or prompt.transcript):
        return _after_prompt(mapping, value, found)
    if prompt.implicit and all(isinstance(each, str) and not as_messages(each) for each in found):
        return _after_shared_text(found)
    return _after_shared_turns(mapping, prompt, found, counted)


def _after_prompt(mapping: Mapping, value: Any, found: tuple[Any, ...]) -> Turns | Fault:
    """The prompt stands by itself; responses that repeat it lose it.

    Where the responses are conversations that share several turns of the user, a text is only one of these turns.
    """
    shared = _shared_conversation(mapping.prompt, found) if isinstance(value, str) else None
    if shared is not None:
        return shared
    said: list[Message] = [{"role": "user", "content": value}] if isinstance(value, str) else value or []
    system, prompt = without_system(said)
    texts: list[str | None] = []
    for at, each in enumerate(found):
        text = _answer(each, prompt, mapping.prompt)
        if text is None and each is not None:
            return mistyped(_name(mapping, at), each, "a text or a list of messages")
        texts.append(text)
    is_plain = isinstance(value, str) and value != ""
    return Turns(text_of(prompt) if prompt else "", None if is_plain else prompt, system, tuple(texts))


def _answer(found: Any, prompt: list[Message], given: Prompt | None) -> str | None:
    """Read one response; none if it is a medium without words, or of a type that says nothing."""
    keys = ("role", "content") if given is None else (given.role_key, given.content_key)
    messages = as_messages(found, keys)
    if messages is None:
        bare = _bare_turns(found) if given is not None and given.messages is not None else None
        return found if bare is None and isinstance(found, str) else bare
    _, turns = without_system(messages)
    if turns[: len(prompt)] == prompt:
        return answer_of(turns[len(prompt) :])
    users = [at for at, turn in enumerate(turns) if turn["role"] == "user"]
    return answer_of(turns[users[-1] + 1 :] if users and turns[0]["role"] != "assistant" else turns)


def _bare_turns(found: Any) -> str | None:
    """Join the turns of an assistant that are bare texts in a list, or in JSON text of one; null is an empty turn."""
    turns = decoded(found) if isinstance(found, str) else found
    is_bare = isinstance(turns, list) and all(turn is None or isinstance(turn, str) for turn in turns)
    return "\n\n".join(turn or "" for turn in turns) if is_bare else None


def _after_shared_text(found: tuple[str, ...]) -> Turns:
    """The prompt is the words that all texts begin with; the texts go on from there, white space included."""
    shared = _shared(min(found), max(found)) if len(set(found)) > 1 else ""
    words = shared.rstrip() if all(text[len(shared) : len(shared) + 1].isspace() for text in found) else ""
    if not words:
        words = shared[: max(shared.rfind(sign) for sign in (" ", "\n", "\t")) + 1].rstrip()
    return Turns(words, None if words else [], None, tuple(text[len(words) :] for text in found))


def _shared(first: str, last: str) -> str:
    """Cut off what the first and the last text in order do not share; those in between share at least as much."""
    length = next((at for at, (left, right) in enumerate(zip(first, last, strict=False)) if left != right), len(first))
    return first[:length]


def _after_shared_turns(
    mapping: Mapping, prompt: Prompt, found: tuple[Any, ...], counted: float | None
) -> Turns | Fault:
    """The prompt is the turns that all conversations begin with."""
    style = prompt.transcript
    keys = (prompt.role_key, prompt.content_key)
    spoken: list[list[Message]] = []
    for at, each in enumerate(found):
        turns = turns_of(each, style) if style is not None and isinstance(each, str) else as_messages(each, keys)
        if turns is None:
            wanted = "a transcript of Human and Assistant turns" if style is not None else "a list of messages"
            return mistyped(_name(mapping, at), each, wanted)
        spoken.append(turns if counted is None else _cut(turns, counted))
    length = shared_prefix(spoken)
    if length == 0:
        return Fault(Reason.wrong_type, "the conversations share no turn of a user, so they have no common prompt")
    return _split_at(spoken, length)


def _cut(turns: list[Message], counted: float) -> list[Message]:
    """Leave out what comes after the answer to the last user turn that counts."""
    users = [at for at, turn in enumerate(turns) if turn["role"] == "user"]
    return turns[: users[int(counted)]] if 1 <= counted < len(users) else turns


def _shared_conversation(prompt: Prompt | None, found: tuple[Any, ...]) -> Turns | None:
    """Read conversations that share more than one turn of the user; none if they are anything else."""
    if any(isinstance(each, list) and len(each) < 3 for each in found):
        return None
    keys = ("role", "content") if prompt is None else (prompt.role_key, prompt.content_key)
    spoken = [as_messages(each, keys) or [] for each in found]
    length = shared_prefix(spoken) if spoken else 0
    is_longer = sum(turn["role"] == "user" for turn in spoken[0][:length]) > 1 if length else False
    return _split_at(spoken, length) if is_longer else None


def _split_at(spoken: list[list[Message]], length: int) -> Turns:
    system, shared = without_system(spoken[0][:length])
    texts = tuple(answer_of(turns[length:]) for turns in spoken)
    return Turns(text_of(shared), shared, system, texts)


def _name(mapping: Mapping, at: int) -> str:
    """Name the place of response `at` in messages to people."""
    parts = mapping.responses
    part = parts[at] if len(parts) > at and parts[at].each is None else parts[0]
    return (part.text or "") if part.each is None else f"{part.each}[{at}].{part.text or ''}".rstrip(".")
