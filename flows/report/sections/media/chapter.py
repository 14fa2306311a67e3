"""The chapter on media: pictures, sounds and videos of a snapshot, counted and shown."""

from __future__ import annotations

import os
from typing import Final

from flows.media.pool import Pool
from flows.media.sight import limits_of
from flows.report.material import Material
from flows.report.parts import Fact, Section
from flows.report.sections.media.copies import copies
from flows.report.sections.media.darkroom import Darkroom
from flows.report.sections.media.drops import drops
from flows.report.sections.media.embedding_map import embedding_map
from flows.report.sections.media.inventory import KINDS, count_media, errors, inventory
from flows.report.sections.media.samples import samples
from flows.report.wording import plural

# A page shows so few media that more children would not be ready before the work is done.
_MOST_CHILDREN: Final = 4


def media(material: Material) -> Section | None:
    """Show the media, or nothing if the snapshot has none.

    They are decoded in child processes, within the limits of the plan, and only the few that are shown.
    """
    opened = material.opened
    counts = count_media(opened)
    if counts.is_empty():
        return None
    total, readable = int(counts["n"].sum()), int(counts["readable"].sum())
    unreadable = int(counts["unreadable"].sum())
    with Pool(min(os.cpu_count() or 1, _MOST_CHILDREN)) as pool:
        darkroom = Darkroom(opened, limits_of(material.plan), pool)
        figures = [
            inventory(counts),
            *errors(opened),
            *copies(opened, darkroom),
            *drops(opened, darkroom),
            *samples(opened, darkroom),
            *embedding_map(opened, darkroom),
        ]
    by_kind = {kind: int(counts.filter(kind=kind)["n"].sum()) for kind in KINDS}
    kinds = ", ".join(plural(n, KINDS[kind].removesuffix("s")) for kind, n in by_kind.items() if n)
    facts = [Fact("media", f"{total:,}", kinds or "of no known kind")]
    if unreadable:
        facts.append(Fact("unreadable media", f"{unreadable:,}", f"{readable:,} can be read", "look"))
    found = plural(total, "medium", "media")
    return Section(
        "media",
        "Media",
        "Pictures, sounds and videos that rows hold or name. What a label or a model calls unsafe is blurred until you "
        "point at it or click on it; what nobody looked at is not.",
        figures,
        facts,
        f"{found}, {unreadable:,} unreadable" if unreadable else found,
    )
