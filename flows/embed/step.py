"""A unit of work: some texts of one shard are embedded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from flows.piece import Piece
from tasks.embed.embed import Embed
from tasks.embed.image_text.said import EmbedSaid
from tasks.embed.texts import contents_of_shard
from warehouse.store import Receipt, Store

TextStage = Embed | EmbedSaid


def prefix(model: TextStage) -> str:
    """Name what the keys of all embeddings by `model` begin with."""
    return f"embed-{model.key()}-"


def key_of_vectors(model: TextStage, ids: Sequence[str]) -> str:
    """Name the vectors of the contents `ids`, which are in order."""
    return prefix(model) + hashlib.sha256("".join(ids).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class EmbedStep(Piece):
    """Embed the contents `ids`, in order, of the shard whose facts lie under the key `shard`."""

    model: TextStage
    shard: str
    ids: tuple[str, ...]

    @property
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""
        return key_of_vectors(self.model, self.ids)

    @property
    def keys(self) -> list[str]:
        """Name the result and what it is made of."""
        return [self.key, self.shard]

    @property
    def stage_name(self) -> str:
        """Name the operator."""
        return "Embed"

    @property
    def name(self) -> str:
        """Say in a few words what is done to what."""
        return f"Embed {len(self.ids):,} texts"

    def make(self, store: Store) -> Receipt:
        """Do the work and store the result."""
        records, responses = (store.scan([self.shard], table) for table in ("records", "responses"))
        contents = contents_of_shard(records, responses, self.ids)
        return store.write(self.key, self.model(contents.lazy()))
