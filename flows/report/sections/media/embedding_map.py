"""A map of media by the vectors of the plan's image-text model: what looks alike to it lies close."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from flows.report.charts.scatter import PICTURE, Dot, Pinned, fit, scatter
from flows.report.parts import Figure
from flows.report.sections.media.darkroom import Darkroom
from flows.report.wording import name, percent, plural
from tasks.report.media.projection import Points, project, spread_out
from warehouse.database import Warehouse

_MOST: Final = 2_000
_FEWEST: Final = 3
_MOST_PINNED: Final = 12
_TRIED: Final = 40
_MODEL = """
    select model, revision, dim, count(*) as n from embeddings where content = 'media' and dim >= 2
    group by all order by n desc, model, revision limit 1"""
# Ids are digests of bytes: the first of them are a sample by hash.
_VECTORS = """
    select content_id as media_id, any_value(vector) as vector from embeddings
    where content = 'media' and model = $model and revision = $revision and dim = $dim and content_id in (
        select content_id from embeddings where content = 'media' and model = $model and revision = $revision
        order by content_id limit $most)
    group by content_id order by content_id"""
_FATES = """
    select a.media_id, bool_or(p.kept) as kept, min(p.split) filter (p.kept) as split from attachments a
    join pairs p on p.record_id = a.record_id and (a.target = 'prompt' or a.target_id in (p.chosen_id, p.rejected_id))
    where a.media_id in (select unnest($ids)) group by a.media_id"""
_SPLITS: Final = {"train": "accent", "validation": "kept", "test": "aside"}
_OTHER, _DROPPED, _NO_PAIR = "merged", "dropped", "muted"


def embedding_map(opened: Warehouse, darkroom: Darkroom) -> list[Figure]:
    """Draw the map, if media were embedded and are not all the same."""
    models = opened.sql(_MODEL).to_dicts()
    if not models or models[0]["n"] < _FEWEST:
        return []
    asked = {key: models[0][key] for key in ("model", "revision", "dim")}
    found = opened.sql(_VECTORS, asked | {"most": _MOST})
    points, share = project(found["vector"].list.to_array(asked["dim"]).to_numpy())
    if not (np.isfinite(points).all() and np.ptp(points, axis=0).max() > 0):
        return []
    places = fit(points)
    fates = _fates(opened, found["media_id"])
    dots = [
        Dot(float(x), float(y), fates[media_id][1], f"{media_id[:12]}, {fates[media_id][0]}")
        for media_id, (x, y) in zip(found["media_id"], places, strict=True)
    ]
    total, seen = models[0]["n"], len(dots)
    of_all = f"{seen:,} of {total:,} media, chosen by digest" if total > seen else plural(seen, "medium", "media")
    tones = dict(fates.values())
    return [
        Figure(
            "A map",
            f"{of_all}: those that look alike to the model `{name(asked['model'])}` lie close, but "
            f"the page holds {percent(share)} of what differs between them, so neighbours may still be unlike, "
            "and neither direction, nor an island, means anything by itself.",
            chart=scatter(
                dots, _pinned(dots, found["media_id"], places, darkroom), "Map of media by what they look like"
            ),
            legend=[(tone, fate) for fate, tone in tones.items()],
            source="Principal components of the vectors in the table embeddings.",
        )
    ]


def _fates(opened: Warehouse, ids: pl.Series) -> dict[str, tuple[str, str]]:
    """Say of each medium where it ended, and in which colour; fates in a fixed order of first occurrence."""
    known = {
        media_id: (kept, split) for media_id, kept, split in opened.sql(_FATES, {"ids": ids.to_list()}).iter_rows()
    }
    told = {}
    for media_id in ids:
        kept, split = known.get(media_id, (None, None))
        if kept:
            told[media_id] = (name(split or "kept"), _SPLITS.get(split or "", _OTHER))
        else:
            told[media_id] = ("in dropped pairs only", _DROPPED) if kept is not None else ("in no pair", _NO_PAIR)
    return dict(sorted(told.items(), key=lambda each: (_ORDER.index(each[1][1]), each[1][0], each[0])))


_ORDER: Final = [*_SPLITS.values(), _OTHER, _DROPPED, _NO_PAIR]


def _pinned(dots: list[Dot], ids: pl.Series, places: Points, darkroom: Darkroom) -> list[Pinned]:
    """Place a few pictures far from each other; those that may be unsafe are not placed."""
    # Squares whose middles are this far apart do not touch, whichever way.
    chosen = spread_out(places, _TRIED, PICTURE * 1.5)
    developed = darkroom.develop(ids.gather(chosen))
    shown = [(at, developed[ids[at]]) for at in chosen if ids[at] in developed]
    good = [(at, each) for at, each in shown if each.print.pictures and not each.medium.is_unsafe]
    return [Pinned(dots[at], each.print.pictures[0]) for at, each in good[:_MOST_PINNED]]
