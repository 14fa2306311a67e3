"""Units of work that let a model see or hear media: decoded ahead in child processes, each content once for ever."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

import polars as pl

from flows.media.look import CHUNK, pool
from flows.media.pool import Seen
from flows.piece import Piece
from schemas.media import media_id
from tasks.caption.caption import Caption
from tasks.embed.image_text.media import EmbedMedia
from tasks.media.decode.limits import Limits
from tasks.media.job import Job
from tasks.media.jobs import Samples
from tasks.media.prepared import Prepared
from tasks.transcribe.transcribe import Transcribe
from warehouse.media.shelf import blob_place
from warehouse.store import Receipt, Store

log = logging.getLogger("winnow")

MediaModel = EmbedMedia | Caption | Transcribe
# So many times a model's batch is decoded ahead of it.
_AHEAD: Final = 4
_TRIED: Final = pl.Schema({"media_id": pl.String, "error": pl.String})


@dataclass(frozen=True)
class PassStep(Piece):
    """Show the media whose bytes have these digests, in order, to a model."""

    model: MediaModel
    limits: Limits
    digests: tuple[str, ...]

    @property
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""
        return prefix(self.model) + hashlib.sha256("".join(self.digests).encode()).hexdigest()[:32]

    @property
    def stage_name(self) -> str:
        """Name the operator."""
        return type(self.model).__name__

    @property
    def name(self) -> str:
        """Say in a few words what is done to what."""
        return f"{self.stage_name} {len(self.digests):,} media"

    def make(self, store: Store) -> Receipt:
        """Do the work and store the result."""
        started = time.monotonic()
        items = [(media_id(digest), blob_place(store.home, digest)) for digest in self.digests]
        decoded = pool().run(self._job(), items, ahead=max(8, _AHEAD * self.model.batch))
        tried: list[Seen] = []
        made = [self._shown(batch) for batch in _batches(decoded, _AHEAD * self.model.batch, tried)]
        tables = {name: pl.concat([each[name] for each in made]) for name in (made[0] if made else ())}
        rows = [(each.media_id, each.error) for each in tried]
        receipt = store.write(self.key, tables | {"_tried": pl.DataFrame(rows, schema=_TRIED, orient="row")})
        seconds = time.monotonic() - started
        log.info("%s: %.1f a second, %.2f s", self.name, len(self.digests) / max(seconds, 1e-6), seconds)
        return receipt

    def _job(self) -> Job:
        if isinstance(self.model, Transcribe):
            return Samples(limits=self.limits)
        frames = self.model.frames if isinstance(self.model, EmbedMedia) else 1
        return Prepared(limits=self.limits, preparation=self.model.preparation, frames=frames)

    def _shown(self, seen: list[Seen]) -> dict[str, pl.DataFrame]:
        media = pl.LazyFrame({"content_id": [each.media_id for each in seen]}, schema={"content_id": pl.String})
        name = "samples" if isinstance(self.model, Transcribe) else "pictures"
        return self.model(media, [each.arrays[name] for each in seen])  # type: ignore[misc]


def prefix(model: MediaModel) -> str:
    """Name what the keys of all results of `model` begin with."""
    return f"{type(model).__name__.lower()}-{model.key()}-"


def missing_passes(store: Store, model: MediaModel, limits: Limits, digests: pl.Series) -> list[PassStep]:
    """Cut what the model has not been shown yet into steps."""
    known = _tried(store, store.keys(prefix(model)))
    missing = [digest for digest in digests.unique().sort() if media_id(digest) not in known]
    return [PassStep(model, limits, tuple(missing[at : at + CHUNK])) for at in range(0, len(missing), CHUNK)]


def passed_keys(store: Store, model: MediaModel, digests: pl.Series) -> list[str]:
    """Name the results of `model` that are about any of the media with these digests."""
    wanted = {media_id(digest) for digest in digests}
    return [key for key in store.keys(prefix(model)) if not wanted.isdisjoint(_tried(store, [key]))]


def _tried(store: Store, keys: list[str]) -> set[str]:
    return set(store.scan(keys, "_tried", _TRIED).select("media_id").collect()["media_id"])


def _batches(decoded: Iterator[Seen], size: int, tried: list[Seen]) -> Iterator[list[Seen]]:
    """Put what could be decoded into batches; all that comes by is noted in `tried`, without its arrays."""
    while batch := list(islice(decoded, size)):
        tried += [each._replace(arrays={}) for each in batch]
        good = [each for each in batch if each.error is None]
        if good:
            yield good
