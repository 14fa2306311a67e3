"""What intake hands to ingest: numbered raw lines or parsed rows, with the bad ones named beside the good ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.mapping.layout import Layout
from schemas.reasons import Reason

QUOTED_BYTES = 4096


class BadRow(NamedTuple):
    """A row, or the part of a file, that cannot be read; it goes to `quarantine` and costs nothing but itself."""

    line: int
    byte_offset: int | None
    reason: Reason
    detail: str
    raw: str

    @classmethod
    def quoting(cls, line: int, byte_offset: int | None, reason: Reason, detail: str, data: bytes) -> BadRow:
        """Name a bad row and quote the first 4 KiB of it, with a replacement sign for what is no text."""
        return cls(line, byte_offset, reason, detail, data[:QUOTED_BYTES].decode("utf-8", "replace"))


class Rows(NamedTuple):
    """Parsed source rows. The four lists run parallel; `bad` holds what could not be parsed, `blank` the empty lines.

    `raw` is the row as JSON text: a line of a JSON-lines file as it stands, a canonical form of anything else.
    """

    docs: list[dict[str, Any]]
    lines: list[int]
    byte_offsets: list[int | None]
    raw: list[str]
    bad: list[BadRow]
    blank: list[tuple[int, int | None]]

    @classmethod
    def none_but(cls, bad: list[BadRow]) -> Rows:
        """Hold bad rows and nothing else."""
        return cls([], [], [], [], bad, [])


class Shard(NamedTuple):
    """A piece of a source that one task ingests: a file, a member of an archive, or a range of a large text file.

    `file` is the name that rows carry (relative to the plan's folder, `archive.zip!member`, or `repo@revision/file`);
    `place` is what to open. `start` and `end` are byte offsets at line breaks; `first_line` counts from 1.
    `digest` is the SHA-256 of the content between them, `layout` what the plan says of the file.
    """

    source: str
    file: str
    place: str
    member: str | None
    format: str
    start: int
    end: int | None
    first_line: int
    digest: str
    bytes: int
    layout: Layout | None = None


class Lines(NamedTuple):
    """Consecutive lines of a text file as they stand, without their line feeds; the three lists run parallel.

    `bad` holds lines that were too long to be kept.
    """

    numbers: list[int]
    byte_offsets: list[int]
    data: list[bytes]
    bad: list[BadRow]


class Document(NamedTuple):
    """A file that only makes sense as a whole: one JSON value or one XML document."""

    data: bytes


class Table(NamedTuple):
    """Some consecutive rows of a columnar file. `first_row` is the number of the first one, counted from 1."""

    first_row: int
    batch: pa.RecordBatch


class Samples(NamedTuple):
    """Some consecutive samples of an archive: the stem of each, and its parts by what follows the stem in their names.

    `first_row` is the number of the first one, counted from 1.
    """

    first_row: int
    samples: list[tuple[str, dict[str, bytes]]]


class Material(NamedTuple):
    """What a shard holds, as far as it can be told without understanding it.

    `parts` come in the order of the file and only as fast as they are taken; a part that is `Rows` already holds what
    could not be read at all. Of the rows that the parts give, only the first `limit` are wanted. `columns` names the
    columns of a file without a header.
    """

    format: str
    parts: Iterator[Lines | Document | Table | Samples | Rows]
    limit: int | None = None
    columns: tuple[str, ...] | None = None
