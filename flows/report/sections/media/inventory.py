"""What media there are: how many of which kind, how large and how long, and what is wrong with some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from flows.report.charts.stacked import Part, stacked
from flows.report.parts import Cell, Figure, Row, Table
from flows.report.sections.media.known import bytes_said, clock, size_said
from flows.report.wording import MISSING, name, plural
from warehouse.database import Warehouse

KINDS = {"image": "pictures", "audio": "sounds", "video": "videos"}
_STATES = {"readable": "kept", "unreadable": "dropped", "only named": "muted"}
# Media that were only named have no type; those of a kind that nobody could tell stand last.
_COUNTS = """
    select * from (select coalesce(modality, 'unknown') as kind, coalesce(mime, 'not known') as type, count(*) as n,
    count(*) filter (error is null and sha256 is not null) as readable,
    count(*) filter (error is not null) as unreadable,
    count(*) filter (error is null and sha256 is null) as "only named", sum(bytes)::bigint as bytes,
    arg_min({'w': width, 'h': height}, width * height) as smallest,
    arg_max({'w': width, 'h': height}, width * height) as largest,
    median(duration_s) as half, max(duration_s) as longest, sum(duration_s) as seconds
    from media group by all) order by list_position(['image', 'audio', 'video'], kind) nulls last, n desc, type"""
# A decoder begins with the kind of fault and a colon; other sentences are their own beginning.
_ERRORS = """
    select case when length(split_part(said, ':', 1)) <= 40 then split_part(said, ':', 1) else left(said, 40) || '…' end
    as beginning, count(*) as n, count(*) filter (modality = 'image') as image,
    count(*) filter (modality = 'audio') as audio, count(*) filter (modality = 'video') as video
    from (select modality, coalesce(error, note, 'only named') as said from media
    where error is not null or sha256 is null) group by beginning order by n desc, beginning"""


def count_media(opened: Warehouse) -> pl.DataFrame:
    """Count the media of a snapshot by modality and type."""
    return opened.sql(_COUNTS)


def inventory(counts: pl.DataFrame) -> Figure:
    """Show what there is."""
    states = list(_STATES)
    by_kind = counts.group_by("kind", maintain_order=True).agg(pl.col(states).sum())
    bars = [
        (KINDS.get(kind, "other"), [Part(state, n, _STATES[state]) for state, n in zip(states, numbers, strict=True)])
        for kind, *numbers in by_kind.iter_rows()
    ]
    found = [state for state in states if int(counts[state].sum())]
    size, seconds = bytes_said(int(counts["bytes"].sum())), float(counts["seconds"].sum() or 0.0)
    plays = f" and play for {clock(seconds)}" if seconds else ""
    return Figure(
        "What there is",
        f"Each medium is counted once, however many rows hold it, and is what its bytes are, whatever its name says. "
        f"Together they have {size}{plays}.",
        chart=stacked(bars, "Media of each kind by whether they can be read"),
        legend=[(_STATES[state], state) for state in found],
        table=Table(["kind", "type", "media", "bytes", "sizes", "median length", "longest"],
                    [_line(row) for row in counts.iter_rows(named=True)], texts=2),
    )  # fmt: skip


def _line(row: Mapping[str, Any]) -> Row:
    sizes = MISSING
    if row["smallest"] is not None:
        low, high = (size_said(each["w"], each["h"]) for each in (row["smallest"], row["largest"]))
        sizes = low if low == high else f"{low} to {high}"
    half, longest = (MISSING if row[each] is None else clock(row[each]) for each in ("half", "longest"))
    kind = KINDS.get(row["kind"], "other")
    return [kind, name(row["type"]), f"{row['n']:,}", bytes_said(row["bytes"]) or MISSING, sizes, half, longest]


def errors(opened: Warehouse) -> list[Figure]:
    """Show what is wrong with media, by how the sentence begins, if anything is."""
    found = opened.sql(_ERRORS)
    if found.is_empty():
        return []
    total, most = int(found["n"].sum()), int(found["n"].max())  # type: ignore[arg-type]
    rows: list[Row] = [
        [name(beginning), Cell(f"{n:,}", n / most, "dropped"), *[f"{each:,}" if each else "·" for each in by_kind]]
        for beginning, n, *by_kind in found.iter_rows()
    ]
    return [
        Figure(
            "What cannot be read",
            f"{plural(total, 'medium', 'media')} cannot be seen or heard; the column `error` of the table `media` "
            "holds the whole sentence, or `note` where rows only name a medium and nobody looked for it.",
            table=Table(["begins with", "media", *KINDS.values()], rows),
        )
    ]
