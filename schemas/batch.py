"""What intake hands to ingest: numbered raw lines or parsed rows, with the bad ones named beside the good ones."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.reasons import Reason


class BadRow(NamedTuple):
    """A row, or the part of a file, that cannot be read; it goes to `quarantine` and costs nothing but itself."""

    line: int
    byte_offset: int | None
    reason: Reason
    detail: str
    raw: str


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


class Shard(NamedTuple):
    """A piece of a source that one task ingests: a file, a member of an archive, or a range of a large text file.

    `file` is the name that rows carry (relative to the plan's folder, `archive.zip!member`, or `repo@revision/file`);
    `place` is what to open. `start` and `end` are byte offsets at line breaks; `first_line` counts from 1.
    `digest` is the SHA-256 of the content between them.
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
