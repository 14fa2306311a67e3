"""The media of a shard's rows: their bytes are taken out before anything else looks at a row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from schemas.mapping.content import Response
from schemas.mapping.mapping import Mapping as RowMapping
from schemas.mapping.paths import DEEP, EACH, Key, Way, branches_of, steps
from schemas.media import Found, Shelf, modality_of_bytes
from schemas.rows.batch import Rows
from tasks.ingest.media.values import Get, with_bytes, without_bytes
from tasks.ingest.rows.jsontext import compact
from tasks.ingest.rows.paths import Doc, changed

# Enough of a file to tell what it is.
_OPENING: Final = 64


class Digests:
    """A shelf that keeps nothing, for whoever only wants to see what rows would become."""

    def put(self, data: bytes) -> str:
        """Return the SHA-256 of `data`."""
        return hashlib.sha256(data).hexdigest()


class Media(NamedTuple):
    """Where the bytes of media go, and what references lead to, as far as somebody looked."""

    shelf: Shelf = Digests()
    found: Mapping[str, Found] = {}


def take_out(mapping: RowMapping, rows: Rows, media: Media) -> tuple[Rows, Media]:
    """Put the bytes of every medium in `rows` on the shelf and its digest in their place.

    What is returned with the rows knows, by their digests, what was taken out of them as well.
    """
    ways = media_ways(mapping)
    taken: dict[str, Found] = {}

    def put(data: bytes) -> str:
        sha256 = media.shelf.put(data)
        taken[sha256] = Found(sha256, len(data), modality_of_bytes(data[:_OPENING]))
        return sha256

    if not ways:
        return rows, media
    docs = list(rows.docs)
    for way in ways:
        docs = [changed(doc, way, lambda value: without_bytes(value, put)) for doc in docs]
    raw = [text if new == old else compact(new) for old, new, text in zip(rows.docs, docs, rows.raw, strict=True)]
    return rows._replace(docs=docs, raw=raw), media._replace(found={**media.found, **taken})


def put_back(mapping: RowMapping, docs: Sequence[Doc], get: Get) -> list[Doc]:
    """Give rows the bytes of their media again."""
    whole = list(docs)
    for way in media_ways(mapping):
        whole = [changed(doc, way, lambda value: with_bytes(value, get)) for doc in whole]
    return whole


def media_ways(mapping: RowMapping) -> list[Way]:
    """Say where the rows of `mapping` hold media."""
    prompt = mapping.prompt
    ways = [] if prompt is None else [steps(path) for path in (*prompt.media, *prompt.masks)]
    ways += [_way(part) for part in mapping.responses if part.media is not None or part.is_media]
    if mapping.rounds is not None:
        ways += [steps(path) for path in (mapping.rounds.question_media, mapping.rounds.answer_media) if path]
    branches = [branch for way in ways for branch in branches_of(way)]
    # Paths of an item start inside a row, wherever the item lies there.
    return list(dict.fromkeys(_anywhere(way) for way in branches) if mapping.unfolds else dict.fromkeys(branches))


def _way(part: Response) -> Way:
    inner = () if part.media is None else steps(part.media)
    return inner if part.each is None else (*steps(part.each), EACH, *inner)


def _anywhere(way: Way) -> Way:
    return (DEEP, [step for step in way if isinstance(step, Key)][-1])
