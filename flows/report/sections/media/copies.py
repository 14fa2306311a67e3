"""Media that look or sound the same: the largest groups, each copy beside what it repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl

from flows.report.parts import Figure, Group, Sheet, Table
from flows.report.sections.media.darkroom import Darkroom, Developed
from flows.report.sections.media.inventory import KINDS
from flows.report.wording import MISSING, plural
from warehouse.database import Warehouse

_MOST_GROUPS: Final = 4
_MOST_COPIES: Final = 4
# Stars may overlap: of so many of the largest ones those are shown that show something new.
_LOOKED_AT: Final = 50
_COUNTS = """
    with own as (select *, count(*) over (partition by key, cluster_id) as size from clusters
        where subject = 'media' and method = 'perceptual')
    select key, count(distinct cluster_id) as groups, max(size) as largest,
    count(distinct subject_id) filter (partner_id is not null) as copies,
    min(score) filter (partner_id is not null) as least
    from own group by key order by list_position(['image', 'audio', 'video'], key), key"""
_LARGEST = """
    with own as (select *, count(*) over (partition by key, cluster_id) as size from clusters
        where subject = 'media' and method = 'perceptual'),
    placed as (select *, dense_rank() over (partition by key order by size desc, cluster_id) as place,
        row_number() over (partition by key, cluster_id
            order by partner_id is not null, score, subject_id) as within from own)
    select key, cluster_id, size, subject_id, partner_id, score from placed
    where place <= $looked_at and within <= $most + 1
    order by list_position(['image', 'audio', 'video'], key), key, place, within"""


def copies(opened: Warehouse, darkroom: Darkroom) -> list[Figure]:
    """Show the largest groups of perceptual duplicates, if anybody looked for them and found some."""
    counts = opened.sql(_COUNTS)
    if counts.is_empty():
        return []
    chosen = _chosen(opened.sql(_LARGEST, {"looked_at": _LOOKED_AT, "most": _MOST_COPIES}))
    developed = darkroom.develop(row["subject_id"] for rows in chosen for row in rows)
    by_kind: dict[str, list[Group]] = {}
    for rows in chosen:
        by_kind.setdefault(rows[0]["key"], []).append(_group(rows, developed))
    found = [
        [KINDS.get(key, key), f"{groups:,}", f"{many:,}", f"{largest:,}", _score(least)]
        for key, groups, largest, many, least in counts.iter_rows()
    ]
    total = int(counts["copies"].sum())
    return [
        Figure(
            "Copies that look or sound the same",
            f"{plural(total, 'medium', 'media')} repeat another one after compression, in another size, cut or "
            "retouched. The largest groups, in each the medium that stands for it and the copies that are least like "
            "it: if these are no copies, the threshold is too low.",
            table=Table(["kind", "groups", "copies", "largest group", "lowest score"], found),
            sheets=[Sheet(groups, KINDS.get(key, key).capitalize()) for key, groups in by_kind.items()],
        )
    ]


def _chosen(rows: pl.DataFrame) -> list[list[dict[str, Any]]]:
    """Take the largest groups of each kind that are not merely parts of one before."""
    chosen: list[list[dict[str, Any]]] = []
    taken: Counter[str] = Counter()
    shown: set[str] = set()
    for members in rows.partition_by("key", "cluster_id", maintain_order=True):
        own = members.to_dicts()
        ids = {row["subject_id"] for row in own}
        if taken[own[0]["key"]] < _MOST_GROUPS and not ids <= shown:
            chosen.append(own)
            taken[own[0]["key"]] += 1
            shown |= ids
    return chosen


def _group(rows: list[dict[str, Any]], developed: Mapping[str, Developed]) -> Group:
    shown = [(row, developed[row["subject_id"]]) for row in rows if row["subject_id"] in developed]
    # What is said of one of them is true of its copies, whoever looked at them.
    is_unsafe = any(each.medium.is_unsafe for _, each in shown)
    tiles = []
    for row, each in shown:
        is_first = row["partner_id"] is None
        said = "stands for all" if is_first else f"copy, score {_score(row['score'])}"
        tiles.append(replace(each.tile(said, "kept" if is_first else "merged"), is_veiled=is_unsafe))
    size = rows[0]["size"]
    more = f", {plural(size - len(rows), 'copy', 'copies')} more" if size > len(rows) else ""
    return Group(tiles, f"{size:,} media{more}")


def _score(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2f}"
