"""Rebuilds source rows from the fact tables alone, without their raw text."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from tasks.ingest.extras import LONG, STYLES, Typed, held_columns, text_key
from tasks.ingest.facts.messages import Message
from tasks.ingest.facts.transcripts import joined
from tasks.ingest.ingest import Ingest
from tasks.ingest.items.groups import MEMBERS


class Known(NamedTuple):
    """The texts that references in one row's extras may point at."""

    texts: Lookup[str, str]
    prompt: str
    messages: Sequence[Message]
    answers: Sequence[str | None]


def restore(ingest: Ingest, facts: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Rebuild the mapped rows of `facts`, in the order of `rows`, as parsed JSON with pseudonyms in place of names.

    Rows of a joined file come out of the rows that they belong to, which do not keep them. Reads no
    `raw_json`. The order of keys in a row is not kept; JSON does not give it a meaning.
    """
    records = facts["records"].with_columns(pl.col("row_ids").list.first().alias("row_id"))
    first = records.unique("row_id", keep="first", maintain_order=True)
    typed = _typed(first, facts["responses"])
    held = held_columns(ingest.mapping, typed)
    texts = _texts(facts, records)
    rebuilt: dict[str, dict[str, Any]] = {}
    fed = first["row_ids"].to_list()
    for at, (row_id, extras, prompt) in enumerate(first.select("row_id", "extras", "prompt_text").iter_rows()):
        kept = json.loads(extras) if extras is not None else {}
        absent = kept.pop("$absent", [])
        known = Known(texts[row_id], prompt or "", typed.messages[at] or [], typed.texts[at])
        row: dict[str, Any] = {
            key: values[at] for key, values in held.items() if values[at] is not None and key not in absent
        }
        row |= _filled(kept, known)
        if ingest.join is not None or ingest.mapping.group is not None:
            others = row.pop(MEMBERS if ingest.join is None else ingest.join.into, [])
            # Of several rows with the same partner, one holds it for all.
            pairs = zip(fed[at][1:], others, strict=False)
            rebuilt.update((key, other) for key, other in pairs if other is not None)
        rebuilt[row_id] = row
    return [rebuilt[row_id] for row_id in facts["rows"].filter(pl.col("fate") == "mapped")["row_id"]]


def _typed(records: pl.DataFrame, responses: pl.DataFrame) -> Typed:
    """Gather the typed columns of each record, responses in order of their index."""
    answers = responses.sort("record_id", "index").group_by("record_id").agg("text", "generator")
    frame = records.join(answers, on="record_id", how="left", maintain_order="left")
    names = ("prompt_text", "prompt_messages", "system", "text", "generator", "source_key")
    prompts, messages, systems, texts, generators, keys = (frame[name].to_list() for name in names)
    return Typed(prompts, messages, systems, [each or [] for each in texts], [each or [] for each in generators], keys)


def _texts(facts: dict[str, pl.DataFrame], records: pl.DataFrame) -> dict[str, dict[str, str]]:
    """Name every long text that typed columns hold, by the row it came from."""
    contents = pl.col("prompt_messages").list.eval(pl.element().struct.field("content"))
    columns = [
        records.select("row_id", text="prompt_text"),
        records.select("row_id", text="system"),
        records.select("row_id", text=contents).explode("text"),
        facts["responses"].select("row_id", "text"),
        facts["comparisons"].select("row_id", text="rationale"),
        facts["ratings"].select("row_id", text="rationale"),
        facts["feedback"].select("row_id", "text"),
    ]
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for column in columns:
        for row_id, text in column.filter(pl.col("text").str.len_chars() >= LONG).iter_rows():
            known[row_id][text_key(text)] = text
    return known


def _filled(shape: Any, known: Known) -> Any:
    """Put texts back where `shape` refers to them."""
    if isinstance(shape, list):
        return [_filled(each, known) for each in shape]
    if not isinstance(shape, dict):
        return shape
    if len(shape) == 1:
        ((key, what),) = shape.items()
        if key in _REFERENCES:
            return _REFERENCES[key](what, known)
    return {key[1:] if key.startswith("$$") else key: _filled(each, known) for key, each in shape.items()}


def _as_prompt(span: list[int], known: Known) -> str:
    start, end = span
    return known.prompt[start:end]


def _as_response(span: list[int], known: Known) -> str:
    place, start, end = span
    return (known.answers[place] or "")[start:end]


def _as_transcript(named: list[Any], known: Known) -> str:
    style, place = named
    return joined(known.messages, "" if place is None else known.answers[place] or "", style)


def _as_json(written: list[Any], known: Known) -> str:
    style, shape = written
    return STYLES[style](_filled(shape, known))


_REFERENCES: Any = {
    "$text": lambda key, known: known.texts[key],
    "$prompt": _as_prompt,
    "$response": _as_response,
    "$transcript": _as_transcript,
    "$json": _as_json,
}
