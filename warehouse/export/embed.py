"""Rows as Arrow tables in `datasets`' own terms, with the bytes of their media inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa

from schemas.attached import Embedded
from schemas.media import Modality
from schemas.rules.features import MEDIUM, with_features

# So many rows, and so many bytes of media, are a row group: a reader holds one at a time, and so does the writer.
ROW_GROUP: Final = 8_192
GROUP_BYTES = 64 << 20

NOTHING: Final[Mapping[str, Embedded]] = {}


def arrow_tables(
    rows: pl.DataFrame, embedded: Mapping[str, Embedded], place: Callable[[str], Path]
) -> Iterator[pa.Table]:
    """Give rows as tables that are one row group each, in their order.

    The columns that `embedded` names hold media, as structs or lists of them, and get the bytes that lie at the `place`
    of each SHA-256. A table has at most `GROUP_BYTES` of them, or a single row.
    """
    if not embedded:
        for start in range(0, rows.height, ROW_GROUP):
            yield described(rows.slice(start, ROW_GROUP))
        return
    start = 0
    for end in _ends(_sizes(rows, embedded)):
        yield _filled(rows.slice(start, end - start), embedded, place)
        start = end


def described(rows: pl.DataFrame) -> pa.Table:
    """Give rows without media as a table."""
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(with_features(arrow_schema(rows)))


def arrow_schema(rows: pl.DataFrame) -> pa.Schema:
    """Say the columns of a frame in the Arrow types that every reader knows."""
    found = rows.clear().to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return pa.schema([(field.name, _plain(field.type)) for field in found])


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type that every reader knows: polars writes the large kinds of texts and lists."""
    if pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _plain(field.type)) for field in kind])
    return pa.string() if pa.types.is_large_string(kind) else kind


def _sizes(rows: pl.DataFrame, embedded: Mapping[str, Embedded]) -> list[int]:
    sizes = [
        pl.col(name).list.eval(pl.element().struct["bytes"]).list.sum()
        if isinstance(rows.schema[name], pl.List)
        else pl.col(name).struct["bytes"]
        for name in embedded
    ]
    return rows.select(pl.sum_horizontal(sizes)).to_series().to_list()


def _ends(sizes: list[int]) -> Iterator[int]:
    """Cut rows of these sizes into groups; say where each ends."""
    total = count = 0
    for at, size in enumerate(sizes):
        if count and (total + size > GROUP_BYTES or count == ROW_GROUP):
            yield at
            total = count = 0
        total, count = total + size, count + 1
    if count:
        yield len(sizes)


def _filled(rows: pl.DataFrame, embedded: Mapping[str, Embedded], place: Callable[[str], Path]) -> pa.Table:
    plain = described(rows.drop(*embedded))
    read: dict[str, bytes] = {}

    def content(sha256: str) -> bytes:
        if sha256 not in read:
            read[sha256] = place(sha256).read_bytes()
        return read[sha256]

    table = pa.table(
        {
            name: _array(rows[name], embedded[name], content) if name in embedded else plain[name]
            for name in rows.columns
        }
    )
    played: dict[str, Modality] = {name: kind for name, kind in embedded.items() if kind != "bytes"}
    return table.cast(with_features(table.schema, played))


def _array(media: pl.Series, kind: Embedded, content: Callable[[str], bytes]) -> pa.Array:
    def one(medium: dict[str, Any] | None) -> Any:
        if medium is None:
            return None
        data = content(medium["sha256"])
        return data if kind == "bytes" else {"bytes": data, "path": medium["name"]}

    item = pa.binary() if kind == "bytes" else MEDIUM
    if isinstance(media.dtype, pl.List):
        return pa.array([[one(each) for each in some] for some in media.to_list()], pa.list_(item))
    return pa.array([one(each) for each in media.to_list()], item)
