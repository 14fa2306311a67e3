"""Material made by hand, as intake would hand it over."""

from collections.abc import Iterator
from itertools import accumulate, chain

from schemas.rows.batch import Document, Lines, Material, Rows
from tasks.ingest.parse import parse


def lines(data: bytes, number: int = 1, offset: int = 0) -> Lines:
    pieces = data.split(b"\n")
    if not pieces[-1]:
        pieces.pop()
    offsets = list(accumulate((len(piece) + 1 for piece in pieces), initial=offset))[: len(pieces)]
    return Lines(list(range(number, number + len(pieces))), offsets, pieces, [])


def joined(batches: Iterator[Rows]) -> Rows:
    found = list(batches)
    return Rows(*[list(chain.from_iterable(parts)) for parts in zip(*found, strict=True)])


def rows_of(form: str, data: bytes, limit: int | None = None) -> Rows:
    part = Document(data) if form in ("json", "xml") else lines(data)
    return joined(parse(Material(form, iter([part]), limit)))


def reasons(rows: Rows) -> list[tuple[int, str]]:
    return [(bad.line, bad.reason.value) for bad in rows.bad]
