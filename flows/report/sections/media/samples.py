"""A few media of each kind as they look and sound: pictures, videos as posters and strips, sounds as waveforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flows.report.parts import Figure, Group, Sheet
from flows.report.sections.media.darkroom import Darkroom
from flows.report.wording import plural
from warehouse.database import Warehouse

# Ids are digests of bytes, so the first of them are as good a sample as any, and always the same. Media about which
# there is something to read come first.
_DRAWN = """
    select media_id, count(*) over () as all_of_them from media
    where modality = $modality and error is null and sha256 is not null
    order by media_id not in (select media_id from captions where text <> '')
        and media_id not in (select media_id from transcripts where text <> ''), media_id limit $most"""


class _Kind(NamedTuple):
    modality: str
    title: str
    most: int
    says: str


_KINDS: Final[Sequence[_Kind]] = (
    _Kind("image", "Pictures", 12, "What models say of a picture is folded below it."),
    _Kind(
        "video", "Videos", 5,
        "The middle frame, and four others from a tenth to nine tenths of it; five that are equal are a still.",
    ),
    _Kind(
        "audio", "Sounds", 10,
        "How far the sound swings around its middle line, part by part; a grey band is silent, which is below -60 "
        "decibels of full scale. Quiet sounds are drawn larger.",
    ),
)  # fmt: skip


def samples(opened: Warehouse, darkroom: Darkroom) -> list[Figure]:
    """Show some of each kind that there is."""
    return [figure for kind in _KINDS if (figure := _sample(opened, darkroom, kind)) is not None]


def _sample(opened: Warehouse, darkroom: Darkroom, kind: _Kind) -> Figure | None:
    drawn = opened.sql(_DRAWN, {"modality": kind.modality, "most": kind.most})
    if drawn.is_empty():
        return None
    developed = darkroom.develop(drawn["media_id"])
    groups = [Group([developed[media_id].tile(with_strip=True)]) for media_id in drawn["media_id"]]
    one, total = kind.title.lower().removesuffix("s"), int(drawn["all_of_them"][0])
    return Figure(
        kind.title,
        f"{len(groups):,} of {plural(total, one)} that can be read, chosen by the digest of their bytes. {kind.says}",
        sheets=[Sheet(groups)],
    )
