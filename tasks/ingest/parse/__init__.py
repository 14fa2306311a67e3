"""What intake found in a shard, understood: every row parsed, or named as bad."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.rows.batch import Document, Lines, Material, Rows, Samples, Table
from tasks.ingest.parse.cells import cell_rows
from tasks.ingest.parse.document import document_rows
from tasks.ingest.parse.jsonrows import json_rows, text_rows
from tasks.ingest.parse.samples import sample_rows
from tasks.ingest.parse.table import table_rows
from tasks.ingest.parse.tree import tree_rows

Part = Lines | Document | Table | Samples | Rows


def parse(material: Material) -> Iterator[Rows]:
    """Parse `material` batch by batch, up to its `limit`.

    A bad row goes to `Rows.bad` with its place and its reason and costs nothing but itself; nothing is raised for it.
    There is at least one batch, if only an empty one.
    """
    batches = _rows(material)
    batches = batches if material.limit is None else _limited(batches, material.limit)
    yield next(batches, Rows.none_but([]))
    yield from batches


def _rows(material: Material) -> Iterator[Rows]:
    if material.format in ("csv", "tsv"):
        yield from cell_rows(material.parts, material.format, material.columns)
        return
    for part in material.parts:
        yield from _part_rows(part, material.format)


def _part_rows(part: Part, form: str) -> Iterator[Rows]:
    match part:
        case Lines():
            yield text_rows(part) if form == "txt" else json_rows(part)
        case Document():
            yield from document_rows(part.data) if form == "json" else tree_rows(part.data)
        case Table():
            yield table_rows(part)
        case Samples():
            yield sample_rows(part)
        case Rows():
            yield part


def _limited(batches: Iterator[Rows], limit: int) -> Iterator[Rows]:
    for rows in batches:
        places = sorted([*zip(rows.lines, rows.byte_offsets, strict=True), *_bad_places(rows), *rows.blank], key=_order)
        if len(places) < limit:
            limit -= len(places)
            yield rows
            continue
        yield _up_to(rows, _order(places[limit - 1]))
        return


Place = tuple[int, int | None]


def _bad_places(rows: Rows) -> list[Place]:
    return [(bad.line, bad.byte_offset) for bad in rows.bad]


def _order(place: Place) -> tuple[int, int]:
    return place[0], place[1] or 0


def _up_to(rows: Rows, last: tuple[int, int]) -> Rows:
    """Keep the rows up to the place `last`."""
    kept = [
        index for index, place in enumerate(zip(rows.lines, rows.byte_offsets, strict=True)) if _order(place) <= last
    ]
    return Rows(
        [rows.docs[index] for index in kept],
        [rows.lines[index] for index in kept],
        [rows.byte_offsets[index] for index in kept],
        [rows.raw[index] for index in kept],
        [bad for bad, place in zip(rows.bad, _bad_places(rows), strict=True) if _order(place) <= last],
        [place for place in rows.blank if _order(place) <= last],
    )
