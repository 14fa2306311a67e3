"""What tables know of a few media: what they are, what is said in them, and whether somebody calls them unsafe."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from flows.report.parts import Said
from flows.report.wording import cut, name, plural, visible
from schemas.rules.metrics import HARMS
from warehouse.database import Warehouse

_UNITS = ("B", "kB", "MB", "GB", "TB")
_LONGEST_TEXT = 600
_LONGEST_PROBLEM = 110
# A model that was never taught to judge harm finds it likelier than not.
_LIKELY = 0.5
_HARMFUL = (
    "safe|harm|nsfw|toxic|moderation|beavertails|pku-19|porn|sexual|explicit|nud|viol|gore|gory|injur|abuse|hate|hateful|"
    "insult|discriminat|racis|terror|crime|weapon|drug|suicid"
)
_HARMLESS = "^(is[_ -]?)?(safe|harmless|sfw)$"
_MEDIA = """
    select m.media_id, sha256, modality, mime, bytes, width, height, duration_s, channels, source_path, error, note,
    any_value(c.text) as caption, any_value(t.text) as transcript from media m
    left join captions c using (media_id) left join transcripts t using (media_id)
    where m.media_id in (select unnest($ids)) group by all"""
_LABELLED = """
    with kinds as materialized (select taxonomy, label,
        regexp_matches(lower(concat_ws(' ', taxonomy, label)), $harmful) as is_about_harm,
        coalesce(regexp_matches(lower(label), $harmless), false) as is_harmless
        from (select distinct taxonomy, label from labels)),
    harms as (select record_id, target, target_id from labels l join kinds k
        on k.taxonomy is not distinct from l.taxonomy and k.label is not distinct from l.label
        where is_about_harm and (severity > 0 or value <> is_harmless))
    select distinct a.media_id from attachments a join harms h on h.record_id = a.record_id
    and (h.target = 'record' or h.target = a.target and h.target_id = a.target_id)
    where a.media_id in (select unnest($ids))
    union select target_id from harms where target = 'media' and target_id in (select unnest($ids))"""
_SIDES = {"prompt": "a.target = 'prompt'", "chosen": "a.target_id = chosen_id", "rejected": "a.target_id = rejected_id"}


class Medium(NamedTuple):
    """A medium as the tables describe it."""

    media_id: str
    sha256: str | None
    modality: str | None
    mime: str | None
    bytes: int | None
    width: int | None
    height: int | None
    duration_s: float | None
    channels: int | None
    source_path: str | None
    error: str | None
    note: str | None
    caption: str | None
    transcript: str | None
    is_unsafe: bool = False

    @property
    def kind(self) -> str:
        """Say in a word what it is."""
        return {"image": "picture", "audio": "sound", "video": "video"}.get(self.modality or "", "medium")

    @property
    def lines(self) -> list[str]:
        """Say what it is and which one, in facts."""
        size = size_said(self.width, self.height) if self.width and self.height else None
        sound = plural(self.channels, "channel") if self.channels and self.modality == "audio" else None
        format_ = self.mime.partition("/")[2].removeprefix("x-") if self.mime else None
        told = [part for part in (size, sound, format_, bytes_said(self.bytes)) if part]
        reference = [] if self.sha256 or not self.source_path else [name(self.source_path)]
        return [*([" · ".join(told)] if told else []), *reference, self.media_id[:12]]

    @property
    def texts(self) -> list[Said]:
        """Return what is said in it or of it, to be folded."""
        both = (("caption", self.caption), ("transcript", self.transcript))
        return [Said(title, cut(visible(text), _LONGEST_TEXT)) for title, text in both if text and text.strip()]

    @property
    def problem(self) -> str | None:
        """Say why its bytes are of no use, if the tables know that."""
        said = self.error or (None if self.sha256 else self.note or "its bytes are not here")
        return None if said is None else cut_line(said)

    @property
    def badge(self) -> str:
        """Say how long it plays."""
        return "" if self.duration_s is None else clock(self.duration_s)


def know(opened: Warehouse, media_ids: Iterable[str]) -> dict[str, Medium]:
    """Read what is known of some media; those that the snapshot does not have are left out."""
    ids = sorted(set(media_ids))
    if not ids:
        return {}
    unsafe = _unsafe(opened, ids)
    media = map(
        Medium._make,
        opened.sql(_MEDIA, {"ids": ids}).with_columns(pl.col("media_id").is_in(unsafe).alias("is_unsafe")).iter_rows(),
    )
    return {each.media_id: each for each in media}


def _unsafe(opened: Warehouse, ids: list[str]) -> list[str]:
    """Name those that a label calls harmful, or that the metric `harm` and its kin find likelier so than not."""
    found = set(opened.sql(_LABELLED, {"ids": ids, "harmful": _HARMFUL, "harmless": _HARMLESS}).to_series())
    columns = opened.table("metrics").collect_schema().names()
    for side, stands in _SIDES.items():
        judged = [f'"{side}_{harm}"' for harm in HARMS if f"{side}_{harm}" in columns]
        if judged:
            asked = f"""
                select distinct a.media_id from metrics join pairs p using (pair_id)
                join attachments a on a.record_id = p.record_id and {stands}
                where greatest({", ".join(judged)}) >= {_LIKELY} and a.media_id in (select unnest($ids))"""  # noqa: S608
            found |= set(opened.sql(asked, {"ids": ids}).to_series())
    return sorted(found)


def cut_line(text: str) -> str:
    """Write a sentence about a medium on one line, not too long."""
    line = " ".join(visible(text).split())
    return line if len(line) <= _LONGEST_PROBLEM else line[: _LONGEST_PROBLEM - 1] + "…"


def clock(seconds: float) -> str:
    """Write a duration as a player does; what is shorter than ten seconds with a tenth."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def size_said(width: int, height: int) -> str:
    """Write a number of pixels across and down."""
    return f"{width:,} \u00d7 {height:,}"


def bytes_said(count: int | None) -> str | None:
    """Write a number of bytes in the unit that keeps it short."""
    if count is None:
        return None
    size, unit = float(count), 0
    while size >= 1000 and unit < 4:
        size, unit = size / 1000, unit + 1
    return f"{size:,.0f} {_UNITS[unit]}" if unit == 0 or size >= 100 else f"{size:.1f} {_UNITS[unit]}"
