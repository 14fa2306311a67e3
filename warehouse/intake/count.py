"""Rows counted without parsing them, by other means than those that parse: what the audit compares with."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from lxml import etree

from schemas.batch import Shard
from warehouse.intake import tables
from warehouse.intake.lines import cut
from warehouse.intake.read import blocks_of, damage_of, document_of, unpacked_file

# A quote that is not closed within so many bytes was no opening quote; elements below this depth are refused.
MAX_RECORD_BYTES = 64 << 20
MAX_DEPTH = 200

# RFC 4180, for what lies between two line feeds: whole cells, or cells of which the last is still open.
_CELL = rb'(?:"(?:[^"]|"")*+"|[^",\r][^,\r]*+)?+'
_COMPLETE = re.compile(rb"%b(?:,%b)*+" % (_CELL, _CELL))
_OPEN = re.compile(rb'(?:%b,)*+"(?:[^"]|"")*+' % _CELL)

_TEXT = re.compile(rb'"[^"]*+(?:"|\Z)')
_UNSTRUCTURED = bytes(set(range(256)) - set(b'[]{},"') - set(b"x"))
_WRAPPED = re.compile(rb"\s*[\[{]\s*[\]}]\s*")


def count_rows(shard: Shard) -> int:
    """Count the rows of a shard: the good, the bad and the blank ones. A damaged file counts as one bad row."""
    if damage_of(shard) is not None:
        return 1
    if shard.format in ("json", "xml"):
        data = document_of(shard)
        return 1 if data is None else _count_json(data) if shard.format == "json" else _count_xml(data)
    if shard.format in ("jsonl", "csv", "tsv"):
        return _count_lines(shard) if shard.format == "jsonl" else _count_records(shard)
    with unpacked_file(shard) as place:
        return tables.count(place, shard.format)


def _count_lines(shard: Shard) -> int:
    feeds, last = 0, b""
    for block in blocks_of(shard):
        feeds += block.count(b"\n")
        last = block[-1:]
    return feeds + (last not in (b"", b"\n"))
