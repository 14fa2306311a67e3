"""The tables `rows` and `quarantine`: every row of a file once, and what became of it."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from schemas.reasons import Reason
from schemas.rows.batch import Rows
from tasks.ingest.rows.faults import Faults
from tasks.ingest.rows.frames import fitted
from tasks.ingest.rows.pseudonym import Nameless


class Part(NamedTuple):
    """Some consecutive rows of one file: as they were read, without names, and with their ids.

    `keys` goes on after the rows that could be read with those that could not, and with the blank ones. `forgotten`
    holds the places of those that were taken down.
    """

    file: str
    rows: Rows
    named: Nameless
    keys: pl.DataFrame
    has_names: bool
    forgotten: frozenset[int] = frozenset()


def listed(source: str, part: Part, faults: Faults) -> dict[str, pl.DataFrame]:
    """List every row of `part` in `rows`, and in `quarantine` those that have a fault or cannot be read.

    Of rows that were taken down nothing is listed but where they stand.
    """
    rows = _rows(source, part, faults)
    return {"rows": fitted("rows", rows), "quarantine": fitted("quarantine", _quarantine(rows, part, faults))}


def _rows(source: str, part: Part, faults: Faults) -> pl.DataFrame:
    """List every input row once: the mapped, then those that cannot be read, then the blank ones."""
    rows = part.rows
    fates = ["quarantined" if row in faults else "mapped" for row in range(len(rows.docs))]
    fates += ["quarantined"] * len(rows.bad) + ["blank"] * len(rows.blank)
    # A line that cannot be parsed may hold a name that cannot be found.
    unread = [None if part.has_names else bad.raw for bad in rows.bad]
    raw = [*part.named.raw, *unread, *[None] * len(rows.blank)]
    for at in part.forgotten:
        fates[at], raw[at] = Reason.forgotten.value, None
    return part.keys.select("row_id").with_columns(
        pl.lit(source).alias("source"),
        pl.lit(part.file).alias("file"),
        pl.Series("line", [*rows.lines, *(bad.line for bad in rows.bad), *(b[0] for b in rows.blank)], pl.Int64),
        pl.Series(
            "byte_offset",
            [*rows.byte_offsets, *(bad.byte_offset for bad in rows.bad), *(b[1] for b in rows.blank)],
            pl.Int64,
        ),
        pl.Series("fate", fates, pl.String),
        pl.Series("raw_json", raw, pl.String),
    )


def _quarantine(rows: pl.DataFrame, part: Part, faults: Faults) -> pl.DataFrame:
    """Say of every row that is set aside why it is."""
    mapped = [(at, str(fault.reason), fault.detail) for at, fault in sorted(faults.items())]
    first = len(part.rows.docs)
    unread = [(at, str(bad.reason), bad.detail) for at, bad in enumerate(part.rows.bad, start=first)]
    told = [each for each in mapped + unread if each[0] not in part.forgotten]
    why = pl.DataFrame(told, schema={"at": pl.Int64, "reason": pl.String, "detail": pl.String}, orient="row")
    return rows[why["at"]].rename({"raw_json": "raw"}).hstack(why.drop("at"))
