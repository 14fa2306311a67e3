"""Puts ids on the rows that were read: records and their responses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from schemas.identity import digest
from schemas.mapping.mapping import Mapping
from schemas.mapping.shapes import LicenseColumn
from schemas.media import Modality
from tasks.ingest.extras import LONG, Held, Typed, as_json, flat_rest, held_columns, is_flat, rest_of, text_key
from tasks.ingest.facts.messages import Message
from tasks.ingest.facts.transcripts import STYLES, joined
from tasks.ingest.judgments.outcomes import label_text
from tasks.ingest.licenses import is_commercial
from tasks.ingest.media.attachments import media_of
from tasks.ingest.reading import Reading
from tasks.ingest.rows.frames import SCHEMAS
from tasks.ingest.rows.jsontext import compact
from tasks.ingest.rows.paths import Doc, optional

_LETTERS = {"text": "t", "image": "i", "audio": "a", "video": "v"}


class Origin(NamedTuple):
    """What is known of every row of a file without reading one."""

    source: str
    adapter: str
    mapping: Mapping
    overall: str
    license: str | None
    split: str | None
    language: str | None
    generator: str | None
    annotator: str | None
    modality: Modality | None
    evaluation_only: bool | None


def identified(origin: Origin, reading: Reading, keys: pl.DataFrame) -> pl.DataFrame:
    """Name every item's record: one line an item, good or bad, with its `row_id` and `record_id`."""
    rows = pl.Series("row", reading.items.rows, dtype=pl.Int64)
    named = keys[rows].with_columns(pl.Series("part", reading.items.keys, dtype=pl.String))
    parts = [pl.lit("record"), pl.lit(origin.source), pl.col("record_key"), pl.col("occurrence")]
    if origin.mapping.unfolds:
        parts.append(pl.col("part"))
    return named.select("row_id", "source_key", record_id=digest(*parts))


def responses_of(origin: Origin, reading: Reading, named: pl.DataFrame, attached: pl.DataFrame) -> pl.DataFrame:
    """List every response with its item, its place among the item's responses, and the digest of its content.

    `attached` are the media of all items.
    """
    texts = reading.dialogue.texts
    counts = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    items = np.repeat(np.arange(len(texts)), counts)
    generators = _names(chain.from_iterable(reading.answers.generators))
    frame = named.select("record_id", "row_id")[items].with_columns(
        pl.Series("item", items),
        pl.Series("index", np.arange(len(items)) - np.repeat(np.cumsum(counts) - counts, counts)),
        pl.Series("text", list(chain.from_iterable(texts)), dtype=pl.String),
        pl.Series("generator", generators, dtype=pl.String).fill_null(pl.lit(origin.generator, pl.String)),
    )
    by_text = digest(pl.lit("response"), "text")
    if not any(part.has_media for part in origin.mapping.responses):
        return frame.with_columns(
            by_text.alias("response_id"), media_id=pl.lit(None, pl.String), modality=pl.lit("text")
        )
    media = media_of(attached.drop_nulls("place"), ["item", "place"])
    frame = frame.join(media, left_on=["item", "index"], right_on=["item", "place"], how="left", maintain_order="left")
    is_text = pl.col("medium").is_null()
    return frame.with_columns(
        pl.when(is_text).then(by_text).otherwise(digest(pl.lit("response"), "text", "medium")).alias("response_id"),
        media_id="first_medium",
        modality=pl.when(is_text).then(pl.lit("text")).otherwise("kind"),
    )


def _names(found: Any) -> list[str | None]:
    return [each if each is None or isinstance(each, str) else str(each) for each in found]


def records_of(
    origin: Origin,
    reading: Reading,
    docs: Sequence[Doc],
    named: pl.DataFrame,
    responses: pl.DataFrame,
    attached: pl.DataFrame,
) -> pl.DataFrame:
    """Fill the columns of every item's record."""
    mapping, dialogue, items = origin.mapping, reading.dialogue, reading.items.docs
    first = responses.filter(pl.col("index") == 0)
    first = first.select("item", modality_of_first="modality", has_words=pl.col("text").fill_null("") != "")
    asked = media_of(attached.filter(pl.col("place").is_null()), ["item"]).select("item", asked="kind", medium="medium")
    split = _said(items, mapping.split, origin.split)
    license_ = _licenses(items, mapping.license, origin.license)
    allowed = {name: is_commercial(name) for name in license_.unique().to_list() if name is not None}
    frame = named.with_columns(
        pl.Series("prompt_text", dialogue.prompts, dtype=pl.String),
        pl.Series("system", dialogue.systems, dtype=pl.String),
        pl.Series("response_count", [len(each) for each in dialogue.texts], dtype=pl.Int64),
        pl.Series("conversation_id", _said(items, mapping.conversation, None)),
        pl.Series("language", _said(items, mapping.language, origin.language)),
        pl.Series("source_split", split),
        pl.Series("license", license_),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("item"),
        pl.lit(origin.source).alias("source"),
        pl.lit(origin.adapter).alias("adapter"),
        pl.Series("extras", _extras(mapping, reading, docs, named), dtype=pl.String),
    )
    for known in (first, asked):
        frame = frame.join(known, on="item", how="left", maintain_order="left")
    is_test = pl.col("source_split").str.to_lowercase().is_in(["test"]).fill_null(value=False)
    return frame.with_columns(
        prompt_messages=_messages(frame["prompt_text"], dialogue.messages),
        commercial_ok=pl.col("license").replace_strict(allowed, default=None, return_dtype=pl.Boolean),
        modality=pl.when(pl.col("has_words").is_null()).then(pl.lit("text")).otherwise("modality_of_first"),
        task=_task(),
        evaluation_only=is_test if origin.evaluation_only is None else pl.lit(origin.evaluation_only),
        row_ids=pl.concat_list("row_id"),
    )


def _task() -> pl.Expr:
    """Say in letters from what to what: `ti2t` answers a picture and a text with a text.

    A picture made from a picture and words is an `edit`. Null if nobody can tell what a medium is.
    """
    kind = pl.col("modality_of_first")
    media = pl.when(pl.col("medium").is_not_null()).then(_letter("asked")).otherwise(pl.lit(""))
    words = pl.when(pl.col("has_words") & (kind != "text")).then(pl.lit("t")).otherwise(pl.lit(""))
    answer = pl.when(kind.is_null() & pl.col("has_words").is_null()).then(pl.lit("t")).otherwise(words + _letter(kind))
    return (pl.lit("t") + media + pl.lit("2") + answer).replace("ti2i", "edit")


def _letter(kind: str | pl.Expr) -> pl.Expr:
    column = pl.col(kind) if isinstance(kind, str) else kind
    return column.replace_strict(_LETTERS, default=None, return_dtype=pl.String)


def _said(docs: Sequence[Doc], path: str | None, otherwise: str | None) -> pl.Series:
    """Read a short text of each row, or what is known without the row."""
    if path is None:
        return pl.repeat(otherwise, len(docs), dtype=pl.String, eager=True)
    found = _names(each if isinstance(each, str | int | float) else None for each in optional(docs, path))
    return pl.Series([each or otherwise for each in found], dtype=pl.String)


def _licenses(docs: Sequence[Doc], said: str | LicenseColumn | None, otherwise: str | None) -> pl.Series:
    """Read the licence of each row, from its name or from the value that it follows from."""
    if not isinstance(said, LicenseColumn):
        return _said(docs, said, otherwise)
    known = {label_text(value): name for value, name in said.values.items()}
    found = [known.get(label_text(value), otherwise) for value in optional(docs, said.column)]
    return pl.Series(found, dtype=pl.String)


def _messages(prompts: pl.Series, messages: Sequence[Sequence[Message] | None]) -> pl.Series:
    """Give every prompt as messages; one without any is a single turn of the user."""
    dtype = SCHEMAS["records"]["prompt_messages"]
    if all(each is None for each in messages):
        turn = pl.struct(role=pl.lit("user"), content=pl.col("prompt_text"))
        return prompts.to_frame().select(turn.reshape((-1, 1)).arr.to_list().cast(dtype)).to_series()
    pairs = zip(prompts.to_list(), messages, strict=True)
    said = [[{"role": "user", "content": text}] if each is None else each for text, each in pairs]
    turns = list(chain.from_iterable(said))
    offsets = np.cumsum([0, *map(len, said)], dtype=np.int32)
    # Polars would look at every message by itself, which takes ten times as long.
    fields = [pa.array([turn[name] for turn in turns], pa.string()) for name in ("role", "content")]
    lists = pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(fields, names=["role", "content"]))
    return pl.Series(lists).cast(dtype)


def _extras(mapping: Mapping, reading: Reading, docs: Sequence[Doc], named: pl.DataFrame) -> list[str | None]:
    """Write down, at the first item of each row, what no typed column holds of the row."""
    items, dialogue = reading.items, reading.dialogue
    typed = Typed(*dialogue[:3], dialogue.texts, reading.answers.generators, named["source_key"].to_list())
    held = held_columns(mapping, typed)
    if len(items.rows) == len(docs) and not reading.faults:
        flat_texts = flat_rest(docs, held)
        if flat_texts is not None:
            return flat_texts
    rests, absent = rest_of(docs, held)
    if not absent and not any(rests):
        return [None] * len(items.rows)
    flat = [is_flat(rest) for rest in rests]
    wanted = [not flat[row] and row not in reading.faults for row in range(len(rests))]
    known = _known(mapping, reading, wanted) if any(wanted) else {}
    written: list[str | None] = []
    last = -1
    for item, row in enumerate(items.rows):
        is_wanted, last = row != last and row not in reading.faults, row
        if not is_wanted:
            written.append(None)
        elif flat[row] and row not in absent:
            written.append(compact(rests[row]) if rests[row] else None)
        else:
            held_texts = Held(known.get(row, {}), dialogue.prompts[item] or "", dialogue.texts[item])
            written.append(as_json(rests[row], absent.get(row), held_texts))
    return written


def _known(mapping: Mapping, reading: Reading, wanted: Sequence[bool]) -> dict[int, dict[str, Any]]:
    """Collect, by row, references to the long texts that the typed columns of its records hold."""
    rows, dialogue = reading.items.rows, reading.dialogue
    known: dict[int, dict[str, Any]] = defaultdict(dict)
    is_transcript = mapping.prompt is not None and mapping.prompt.transcript is not None
    for item, row in enumerate(rows):
        if wanted[row]:
            turns = dialogue.messages[item] or ()
            said = chain(dialogue.texts[item], dialogue.prompts[item : item + 1], dialogue.systems[item : item + 1])
            known[row] |= _references(chain(said, (turn["content"] for turn in turns)))
            if is_transcript:
                known[row] |= _transcripts(turns, dialogue.texts[item])
            if mapping.prompt is not None and mapping.prompt.dialogue is not None:
                known[row][joined(turns, "", "hh")] = {"$transcript": ["hh", None]}
    for frame, name in ((reading.comparisons, "rationale"), (reading.ratings, "rationale"), (reading.feedback, "text")):
        for item, text in frame.select("row", name).drop_nulls().iter_rows():
            if wanted[rows[item]]:
                known[rows[item]] |= _references([text])
    return known


def _references(texts: Iterable[str | None]) -> dict[str, Any]:
    return {text: {"$text": text_key(text)} for text in texts if text is not None and len(text) >= LONG}


def _transcripts(turns: Sequence[Message], texts: Sequence[str | None]) -> dict[str, Any]:
    return {
        joined(turns, text or "", style): {"$transcript": [style, place]}
        for style in STYLES
        for place, text in enumerate(texts)
    }
