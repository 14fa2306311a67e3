"""What no typed column holds of a source row, as JSON, so that the row can be rebuilt without its raw text.

A column that a typed column holds word for word is left out. What remains keeps its shape, and texts of it that stand
in a typed column give way to references: `{"$text": digest}` is a text of one of the row's records, `{"$prompt":
[from, to]}` a part of the first record's prompt, `{"$response": [place, from, to]}` a part of its response at a place,
`{"$transcript": [style, place]}` that prompt with the response at a place, or with none, and `{"$json": [style, …]}` a
value that the source wrote as JSON text. `"$absent"` names columns that the row does not have though the typed column
has a value. Keys of the source that begin with `$` get another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Lookup
from typing import Any, Final, NamedTuple

import polars as pl

from schemas.mapping.mapping import Key, Mapping, steps
from tasks.ingest.facts.messages import Message
from tasks.ingest.facts.transcripts import joined
from tasks.ingest.rows.jsontext import compact, decoded, plain_columns
from tasks.ingest.rows.paths import Doc

LONG: Final = 40  # shorter texts cost less than a reference to them
STYLES: Final[dict[str, Callable[[Any], str]]] = {
    "compact": compact,
    "spaced": lambda value: json.dumps(value, ensure_ascii=False),
    "ascii": json.dumps,
    "compact-ascii": lambda value: json.dumps(value, separators=(",", ":")),
}


class Typed(NamedTuple):
    """What the typed columns hold of each row; rows with several records hold no column word for word."""

    prompts: Sequence[str | None]
    messages: Sequence[Sequence[Message] | None]
    systems: Sequence[str | None]
    texts: Sequence[Sequence[str | None]]
    generators: Sequence[Sequence[str | None]]
    keys: Sequence[str | None]


def held_columns(mapping: Mapping, typed: Typed) -> dict[str, list[str | None]]:
    """Rebuild the columns that typed columns hold word for word: one value a row, as the source would have it."""
    if mapping.unfolds:
        return {}
    held: dict[str, list[str | None]] = {}
    prompt = mapping.prompt
    if prompt is not None and len(prompt.columns) == 1:
        _hold(held, prompt.columns[0], list(typed.prompts))
    _hold(held, mapping.system, list(typed.systems))
    _hold(held, mapping.id, list(typed.keys))
    if all(response.each is None for response in mapping.responses):
        for place, response in enumerate(mapping.responses):
            _hold(held, response.text, _answers(mapping, typed, place))
            _hold(held, response.generator, [each[place] if len(each) > place else None for each in typed.generators])
    return held


def _hold(held: dict[str, list[str | None]], path: str | None, values: list[str | None]) -> None:
    way = steps(path) if path is not None else ()
    if len(way) == 1 and isinstance(way[0], Key):
        held.setdefault(str(way[0]), values)


def _answers(mapping: Mapping, typed: Typed, place: int) -> list[str | None]:
    texts = [each[place] if len(each) > place else None for each in typed.texts]
    prompt = mapping.prompt
    if prompt is not None and prompt.transcript is not None:
        pairs = zip(typed.messages, texts, strict=True)
        return [None if text is None else joined(said or [], text, "hh") for said, text in pairs]
    if prompt is not None and prompt.implicit:
        return [None if text is None else (said or "") + text for said, text in zip(typed.prompts, texts, strict=True)]
    return texts


def rest_of(docs: Sequence[Doc], held: dict[str, list[str | None]]) -> tuple[list[Doc], dict[int, list[str]]]:
    """Leave out of each row the columns that `held` rebuilds.

    Returns what is left, and by row the columns that `held` would rebuild although the row does not have them.
    """
    whole = {key for key, values in held.items() if _is_held(docs, key, values)}
    rests = [{} if len(doc) == len(whole) else {k: v for k, v in doc.items() if k not in whole} for doc in docs]
    absent: dict[int, list[str]] = {}
    partial = {key: values for key, values in held.items() if key not in whole}
    for row, rest in enumerate(rests if partial else ()):
        extra = [key for key, values in partial.items() if key not in rest and values[row] is not None]
        if extra:
            absent[row] = extra
        for key, values in partial.items():
            if key in rest and _is_same(rest[key], values[row]):
                del rest[key]
    return rests, absent


def flat_rest(docs: Sequence[Doc], held: dict[str, list[str | None]]) -> list[str | None] | None:
    """Write what is left of each row in one go, if all rows have the same columns and only short values are left.

    Gives the JSON texts that `rest_of` and `as_json` would give, or nothing if the rows are of another kind.
    """
    columns = plain_columns(docs)
    if columns is None or not all(columns.get(key) == values for key, values in held.items()):
        return None
    left = {name: values for name, values in columns.items() if name not in held}
    if any(name[:1] == "$" or not _is_short(values) for name, values in left.items()):
        return None
    if not left:
        return [None] * len(docs)
    return pl.DataFrame(left).select(text=pl.struct(pl.all()).struct.json_encode())["text"].to_list()


def _is_short(values: list[Any]) -> bool:
    """Tell whether none of the values is a text that could give way to a reference."""
    return not isinstance(values[0], str) or max(map(len, values)) < LONG


def _is_held(docs: Sequence[Doc], key: str, values: list[str | None]) -> bool:
    """Tell whether every row has the column as `values` rebuild it."""
    return set(map(type, values)) == {str} and [doc.get(key) for doc in docs] == values


def _is_same(value: Any, rebuilt: str | None) -> bool:
    return value == rebuilt and type(value) is str


def is_flat(rest: Doc) -> bool:
    """Tell whether `rest` holds short values only, none of which could give way to a reference."""
    return all(
        key[:1] != "$" and (len(value) < LONG if type(value) is str else not isinstance(value, dict | list))
        for key, value in rest.items()
    )


class Held(NamedTuple):
    """What the texts of a row may refer to: whole texts by name, and the first record's prompt and responses."""

    known: Lookup[str, Any]
    prompt: str
    answers: Sequence[str | None]


def as_json(rest: Doc, absent: list[str] | None, held: Held) -> str | None:
    """Write what is left of a row; null if nothing is."""
    if not rest and not absent:
        return None
    shape = _shape(rest, held)
    return compact(shape | {"$absent": absent} if absent else shape)


def _shape(value: Any, held: Held) -> Any:
    """Replace the texts inside `value` that typed columns hold."""
    if isinstance(value, str):
        return _reference(value, held) if len(value) >= LONG else value
    if isinstance(value, dict):
        return {_escaped(key): _shape(each, held) for key, each in value.items()}
    if isinstance(value, list):
        return [_shape(each, held) for each in value]
    return value


def _escaped(key: Any) -> Any:
    return "$" + key if isinstance(key, str) and key.startswith("$") else key


def _reference(text: str, held: Held) -> Any:
    if text in held.known:
        return held.known[text]
    at = held.prompt.find(text)
    if at >= 0:
        return {"$prompt": [at, at + len(text)]}
    for place, answer in enumerate(held.answers):
        at = -1 if answer is None else answer.find(text)
        if at >= 0:
            return {"$response": [place, at, at + len(text)]}
    value = decoded(text)
    if value is not text:
        for name, write in STYLES.items():
            if write(value) == text:
                return {"$json": [name, _shape(value, held)]}
    return text


def text_key(text: str) -> str:
    """Name a text inside extras: 16 hexadecimal digits of its digest."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
