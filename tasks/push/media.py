"""The columns of a push that hold media, and what they and the tasks are called on the Hub."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import polars as pl
import pyarrow as pa

from schemas.attached import LETTERS, PLACES, of_modality
from schemas.media import Modality
from schemas.plan.push import PUSHED_PAIRS
from schemas.rules.features import MEDIUM

_KINDS: Final[Sequence[Modality]] = ("image", "audio", "video")
_WORDS: Final = {"image": "picture", "audio": "sound", "video": "video"}
_WHERE: Final = {"prompt": "the prompt", "chosen": "the better answer", "rejected": "the other answer"}
_CATEGORIES: Final = {
    "t2t": "text-generation", "ti2t": "image-text-to-text", "ta2t": "audio-text-to-text", "tv2t": "video-text-to-text",
    "t2i": "text-to-image", "t2a": "text-to-audio", "t2v": "text-to-video", "edit": "image-to-image",
    "ti2ti": "any-to-any",
}  # fmt: skip


class MediaColumn(NamedTuple):
    """A column with the media of one kind in one place of each pair: one of them, or a list."""

    place: str
    modality: Modality
    is_list: bool

    @property
    def name(self) -> str:
        """Name the column, such as `prompt_image`, or `prompt_images` if it is a list."""
        return f"{self.place}_{self.modality}{'s' if self.is_list else ''}"

    @property
    def filled(self) -> pl.Expr:
        """Take the column's media from pairs that have all of theirs."""
        own = of_modality(self.place, self.modality)
        return (own if self.is_list else own.list.first()).alias(self.name)


def media_columns(pushed: pl.DataFrame) -> list[MediaColumn]:
    """Settle which columns the media of these pairs need: lists only where a pair has several of a kind in a place."""
    found = []
    for place in PLACES:
        for modality in _KINDS:
            counts = pushed[f"{place}_kinds"].str.count_matches(LETTERS[modality], literal=True)
            most = int(counts.max() or 0)  # type: ignore[arg-type]
            if most:
                found.append(MediaColumn(place, modality, most > 1))
    return found


def kinds_of(columns: Iterable[MediaColumn]) -> dict[str, Modality]:
    """Say which columns hold media, and of which kind."""
    return {column.name: column.modality for column in columns}


def pushed_schema(columns: Sequence[MediaColumn]) -> pa.Schema:
    """Say the columns of pushed pairs with these media, which stand behind the answers."""
    media = [pa.field(each.name, pa.list_(MEDIUM) if each.is_list else MEDIUM) for each in columns]
    at = PUSHED_PAIRS.get_field_index("rejected") + 1
    return pa.schema([*list(PUSHED_PAIRS)[:at], *media, *list(PUSHED_PAIRS)[at:]])


def media_meaning(name: str) -> str:
    """Tell in a sentence what a column with media holds."""
    place, _, kind = name.partition("_")
    modality = kind.removesuffix("s")
    word = _WORDS[modality]
    return f"The {word}s of {_WHERE[place]}." if kind != modality else f"The {word} of {_WHERE[place]}."


def task_categories(tasks: Iterable[str]) -> list[str]:
    """Name tasks as the Hub does; those that it has no name for are left out."""
    found = {_CATEGORIES[task] for task in tasks if task in _CATEGORIES}
    return sorted(found) or ["text-generation"]
