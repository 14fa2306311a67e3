"""Attachments: which medium stands in which prompt or response."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Lookup
from typing import Any, Final

import polars as pl

from schemas.identity import DIGITS, digest
from schemas.mapping.mapping import Mapping
from schemas.media import Found, Modality, modality_of_name
from tasks.ingest.facts.responses import Answers
from tasks.ingest.media.values import Named, media_in
from tasks.ingest.rows.paths import Doc, optional

NAMED: Final = pl.Schema(
    {
        "item": pl.Int64, "place": pl.Int64, "index": pl.Int64, "role": pl.String, "reference": pl.String,
        "sha256": pl.String, "bytes": pl.Int64, "modality": pl.String, "error": pl.String,
    }
)  # fmt: skip
# Nobody looked for it.
_UNREAD: Final = Found(None, None, None)


def attached(
    source: str,
    mapping: Mapping,
    docs: Sequence[Doc],
    answers: Answers,
    found: Lookup[str, Found],
    modality: Modality | None = None,
) -> pl.DataFrame:
    """List the media of every item: those of its prompt, which have no `place`, and those of its responses.

    A medium whose bytes nobody has is named by the reference to it in this source, and `error` says why it was looked
    for in vain; `modality` is what it is if its name does not tell.
    """
    rows = [_row(named, at, found, modality) for at, named in _named(mapping, docs, answers)]
    frame = pl.DataFrame(rows, schema=NAMED, orient="row")
    by_reference = digest(pl.lit("reference"), pl.lit(source), "reference")
    return frame.with_columns(
        media_id=pl.when(pl.col("sha256").is_null()).then(by_reference).otherwise(pl.col("sha256").str.head(DIGITS))
    )


def references(mapping: Mapping, docs: Sequence[Doc], answers: Answers) -> list[str]:
    """List what rows name of media without having the bytes, each once."""
    named = (named.reference for _, named in _named(mapping, docs, answers) if named.sha256 is None)
    return list(dict.fromkeys(reference for reference in named if reference is not None))


def attachments_of(attached: pl.DataFrame, named: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    """Give the media of items the ids of their records and responses: the table `attachments`."""
    ids = responses.select("item", "response_id", place="index")
    whole = attached.join(named.with_row_index("item").cast({"item": pl.Int64}), on="item", how="left")
    whole = whole.join(ids, on=["item", "place"], how="left", maintain_order="left")
    of_prompt = pl.col("place").is_null()
    return whole.with_columns(
        target=pl.when(of_prompt).then(pl.lit("prompt")).otherwise(pl.lit("response")),
        target_id=pl.when(of_prompt).then("record_id").otherwise("response_id"),
    )


def media_of(attachments: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Say of each prompt or response that has media, by `keys`, which they are: the first, all, and of which kind."""
    content = attachments.filter(pl.col("role") == "content").sort(*keys, "index")
    return content.group_by(keys, maintain_order=True).agg(
        first_medium=pl.col("media_id").first(),
        medium=pl.col("media_id").str.join(","),
        kind=pl.col("modality").drop_nulls().first(),
    )


_At = tuple[int, int | None, int, str]


def _named(mapping: Mapping, docs: Sequence[Doc], answers: Answers) -> Iterator[tuple[_At, Named]]:
    """Name the media of every item; references are those to the path where the mapping says the medium lies."""
    for at, named in _said(mapping, docs, answers):
        if named.sha256 is not None or named.reference is None or not mapping.references:
            yield at, named
            continue
        path = named.reference
        for reference in mapping.references:
            path = re.sub(reference.pattern, reference.path, path)
        yield at, named._replace(reference=path)


def _said(mapping: Mapping, docs: Sequence[Doc], answers: Answers) -> Iterator[tuple[_At, Named]]:
    prompt = mapping.prompt
    if prompt is not None and (prompt.media or prompt.masks):
        for role, paths in (("content", prompt.media), ("mask", prompt.masks)):
            columns = [optional(docs, path) for path in paths]
            for item, values in enumerate(zip(*columns, strict=True)):
                yield from _numbered(values, item, None, role)
    if any(part.has_media for part in mapping.responses):
        for item, values in enumerate(answers.media):
            for place, value in enumerate(values):
                yield from _numbered([value], item, place, "content")


def _numbered(values: Iterable[Any], item: int, place: int | None, role: str) -> Iterator[tuple[_At, Named]]:
    for index, named in enumerate(each for value in values for each in media_in(value)):
        yield (item, place, index, role), named


def _row(named: Named, at: _At, known: Lookup[str, Found], modality: Modality | None) -> tuple[Any, ...]:
    found = known.get(named.sha256 or named.reference or "", _UNREAD)
    kind = found.modality
    if kind is None and named.reference is not None:
        kind = modality_of_name(named.reference) or modality
    return (*at, named.reference, found.sha256, found.bytes, kind, found.error)
