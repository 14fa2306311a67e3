"""A unit of work: some media are decoded in child processes, measured, and given a fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from flows.media.pool import Pool, Seen
from flows.piece import Piece
from schemas.errors import Terminal
from schemas.media import media_id
from tasks.media.look import Look, as_tables
from warehouse.media.shelf import BlobShelf
from warehouse.store import Receipt, Store

# Media of one step: so many are looked at again if the process dies.
CHUNK: Final = 256
_TAKEN_DOWN: Final = "it was taken down with `winnow forget`, and a source still names it"


def prefix(look: Look) -> str:
    """Name what the keys of all results of `look` begin with."""
    return f"look-{look.key()}-"


@dataclass(frozen=True)
class LookStep(Piece):
    """Look at the media whose bytes have these digests, in order."""

    look: Look
    digests: tuple[str, ...]

    @property
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""
        return prefix(self.look) + hashlib.sha256("".join(self.digests).encode()).hexdigest()[:32]

    @property
    def stage_name(self) -> str:
        """Name the operator."""
        return "Look"

    @property
    def name(self) -> str:
        """Say in a few words what is done to what."""
        return f"Look at {len(self.digests):,} media"

    def make(self, store: Store) -> Receipt:
        """Do the work and store the result."""
        shelf = BlobShelf(store.home)
        kept = [digest for digest in self.digests if not shelf.is_forgotten(digest)]
        gone = next((digest for digest in kept if not shelf.has(digest)), None)
        if gone is not None:
            raise Terminal(
                f"the bytes of a medium are gone from {shelf.place(gone)}: does somebody delete files there?"
            )
        seen = list(pool().run(self.look, [(media_id(digest), shelf.place(digest)) for digest in kept]))
        seen += [Seen(media_id(digest), {}, {}, _TAKEN_DOWN) for digest in self.digests if shelf.is_forgotten(digest)]
        return store.write(self.key, as_tables(seen))


@cache
def pool() -> Pool:
    """Return the children that decode in this process; steps that run side by side share them."""
    return Pool()


def missing_looks(store: Store, look: Look, digests: pl.Series) -> list[LookStep]:
    """Cut what has not been looked at yet into steps."""
    known = _looked(store, store.keys(prefix(look)))
    missing = [digest for digest in digests.unique().sort() if media_id(digest) not in known]
    return [LookStep(look, tuple(missing[at : at + CHUNK])) for at in range(0, len(missing), CHUNK)]


def keys_with(store: Store, look: Look, digests: pl.Series) -> list[str]:
    """Name the results of `look` that are about any of the media with these digests."""
    wanted = {media_id(digest) for digest in digests}
    return [key for key in store.keys(prefix(look)) if not wanted.isdisjoint(_looked(store, [key]))]


def _looked(store: Store, keys: Sequence[str]) -> set[str]:
    if not keys:
        return set()
    return set(store.scan(list(keys), "_looked").select("media_id").collect()["media_id"])
