"""Develops media: small pictures and outlines from their bytes, decoded in child processes, each medium once."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from flows.media.pool import Pool, Seen
from flows.report.charts.waveform import waveform
from flows.report.parts import Tile
from flows.report.sections.media.known import Medium, cut_line, know
from tasks.media.decode.limits import Limits
from tasks.media.job import Job
from tasks.media.jobs import Frames, Pixels, Samples
from tasks.report.media.envelope import Envelope, envelope
from tasks.report.media.thumbnail import SIDE, thumbnail
from warehouse.database import Warehouse
from warehouse.media.shelf import blob_place

# The middle frame is the poster, the four others are the strip.
_FRAMES: Final = 5
_PARTS: Final = 160
_RATE: Final = 8_000
_GONE: Final = "its bytes are gone from this home"


class Print(NamedTuple):
    """What can be seen or heard of a medium: data URIs, the poster first, or an outline; or why there is nothing."""

    pictures: tuple[str, ...] = ()
    outline: Envelope | None = None
    problem: str = ""


class Developed(NamedTuple):
    """A medium and its print."""

    medium: Medium
    print: Print

    def tile(self, label: str = "", tone: str = "muted", note: str = "", *, with_strip: bool = False) -> Tile:
        """Make a tile of it; `note` is a line above the facts."""
        medium, made = self
        pictures = made.pictures if with_strip else made.pictures[:1]
        wave = None
        if made.outline is not None:
            silent = f"{made.outline.is_silent.mean():.0%}"
            wave = waveform(made.outline, f"Waveform of sound {medium.media_id[:12]}, {medium.badge}, {silent} silent")
        return Tile(
            alt=f"{medium.kind.capitalize()} {medium.media_id[:12]}",
            lines=[*([note] if note else []), *medium.lines],
            label=label,
            tone=tone,
            pictures=pictures,
            wave=wave,
            badge=medium.badge if pictures or wave else "",
            problem=made.problem,
            texts=medium.texts,
            is_veiled=medium.is_unsafe,
        )


class Darkroom:
    """Develops the media of a snapshot on demand and remembers the prints."""

    def __init__(self, opened: Warehouse, limits: Limits, pool: Pool) -> None:
        self._opened = opened
        self._pool = pool
        self._jobs: Mapping[str, Job] = {
            "image": Pixels(limits=limits, size=SIDE),
            "video": Frames(limits=limits, frames=_FRAMES, size=SIDE),
            "audio": Samples(limits=limits, rate=_RATE),
        }
        self._done: dict[str, Developed] = {}

    def develop(self, media_ids: Iterable[str]) -> dict[str, Developed]:
        """Develop some media; those that the snapshot does not have are left out."""
        wanted = set(media_ids)
        media = know(self._opened, wanted - self._done.keys())
        for modality, job in self._jobs.items():
            self._decode(job, [each for each in media.values() if each.modality == modality])
        for each in media.values():
            problem = each.problem or "nobody knows how to show it"
            self._done.setdefault(each.media_id, Developed(each, Print(problem=problem)))
        return {name: self._done[name] for name in sorted(wanted & self._done.keys())}

    def _decode(self, job: Job, media: Sequence[Medium]) -> None:
        there = {}
        for each in media:
            if each.sha256 is None or each.problem:
                continue
            place = blob_place(self._opened.home, each.sha256)
            if place.is_file():
                there[each.media_id] = (each, place)
            else:
                self._done[each.media_id] = Developed(each, Print(problem=_GONE))
        for seen in self._pool.run(job, [(name, place) for name, (_, place) in there.items()]):
            self._done[seen.media_id] = Developed(there[seen.media_id][0], _printed(seen))


def _printed(seen: Seen) -> Print:
    if seen.error is not None:
        return Print(problem=cut_line(seen.error))
    if "samples" in seen.arrays:
        outline = envelope(np.asarray(seen.arrays["samples"], np.float32), _PARTS)
        return Print(outline=outline) if outline is not None else Print(problem="it holds no sound")
    if "pixels" in seen.arrays:
        return Print((_uri(np.asarray(seen.arrays["pixels"], np.uint8)),))
    frames = [_uri(frame) for frame in np.asarray(seen.arrays["frames"], np.uint8)]
    middle = len(frames) // 2
    return Print((frames[middle], *frames[:middle], *frames[middle + 1 :])) if frames else Print(problem="no frames")


def _uri(pixels: np.typing.NDArray[np.uint8]) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(thumbnail(pixels)).decode()}"
