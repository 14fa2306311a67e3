"""Units of work that find the media which rows only name, before the rows are read for good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self, TypeVar

import polars as pl

from flows.media.places import Places
from flows.piece import Piece
from flows.shards import batches, names_of
from schemas.media import Found
from schemas.rows.batch import Shard
from tasks.ingest.ingest import Ingest
from warehouse.media.fetch import Guards
from warehouse.media.find import Sight, find_media
from warehouse.media.shelf import BlobShelf
from warehouse.store import Receipt, Store

# Archives are read once from end to end; in folders so many files are one step.
_CHUNK: Final = 4_096
_FOUND: Final = pl.Schema(
    {
        "reference": pl.String, "sha256": pl.String, "bytes": pl.Int64, "modality": pl.String, "error": pl.String,
        "place": pl.String, "size": pl.Int64, "changed": pl.Int64,
    }
)  # fmt: skip
_PREFIX: Final = "found-"


class Naming(Protocol):
    """A step whose rows may name media."""

    @property
    def ingest(self) -> Ingest:
        """The source's way to read rows."""

    @property
    def shards(self) -> tuple[Shard, ...]:
        """The shards that are read."""

    @property
    def limit(self) -> int | None:
        """How many rows are read at most."""

    @property
    def places(self) -> Places | None:
        """Where media are looked for."""

    def where(self, found: pl.DataFrame, store: Store) -> Self:
        """Return the same step knowing what was found."""


_Step = TypeVar("_Step", bound=Naming)


@dataclass(frozen=True)
class ReferenceStep(Piece):
    """List what the rows of some shards name of media without holding them."""

    ingest: Ingest
    shards: tuple[Shard, ...]
    limit: int | None

    @property
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""
        return f"references-{self.ingest.key(*names_of(self.shards), f'{self.limit}')}"

    @property
    def stage_name(self) -> str:
        """Name the operator."""
        return "ReadReferences"

    @property
    def name(self) -> str:
        """Say in a few words what is done to what."""
        return f"Read what {self.shards[0].file} names of media"

    def make(self, store: Store) -> Receipt:
        """Do the work and store the result."""
        named: dict[str, None] = {}
        for _, rows in batches(self.shards, self.limit):
            named |= dict.fromkeys(self.ingest.references(rows))
        found = pl.DataFrame({"reference": list(named)}, schema={"reference": pl.String})
        return store.write(self.key, {"_references": found})


@dataclass(frozen=True)
class FindStep(Piece):
    """Look for some references of a source where its media are, and keep what is found."""

    source: str
    places: Places
    references: tuple[str, ...]

    @property
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""
        said = "\n".join([self.places.identity, *self.references])
        return _PREFIX + hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()[:32]

    @property
    def stage_name(self) -> str:
        """Name the operator."""
        return "FindMedia"

    @property
    def name(self) -> str:
        """Say in a few words what is done to what."""
        return f"Find {len(self.references):,} media of {self.source}"

    def make(self, store: Store) -> Receipt:
        """Do the work and store the result."""
        shelf = BlobShelf(store.home)
        places = self.places
        guards = Guards(places.max_bytes) if places.fetch else None
        seen = find_media(self.references, places.roots, shelf, places.max_bytes, _known(store, shelf), guards)
        shelf.settle()
        rows = [(reference, *each.found, *(each.sight or (None, None, None))) for reference, each in seen.items()]
        return store.write(self.key, {"_found": pl.DataFrame(rows, schema=_FOUND, orient="row")})


def _known(store: Store, shelf: BlobShelf) -> Callable[[Sight], Found | None]:
    """Remember what earlier searches read, as long as the file looks the same and its bytes are still kept."""
    known: dict[Sight, Found] = {}
    for key in store.keys(_PREFIX):
        read = store.scan([key], "_found", _FOUND).filter(pl.col("sha256").is_not_null()).collect()
        for _, sha256, size, modality, _, *sight in read.iter_rows():
            known[Sight(*sight)] = Found(sha256, size, modality)

    def look(sight: Sight) -> Found | None:
        found = known.get(sight)
        return found if found is not None and shelf.has(found.sha256 or "") else None

    return look


def locate(
    steps: Sequence[_Step], store: Store, run: Callable[[Sequence[ReferenceStep | FindStep]], None]
) -> list[_Step]:
    """Find the media that the rows of `steps` name, as far as their sources have places for them."""
    named = [ReferenceStep(step.ingest, step.shards, step.limit) for step in steps if step.places is not None]
    if not named:
        return list(steps)
    run(named)
    asked = {each.ingest.source: list[str]() for each in named}
    for each in named:
        asked[each.ingest.source] += [each.key]
    searches = {source: list(_searches(source, keys, steps, store)) for source, keys in asked.items()}
    run([search for some in searches.values() for search in some])
    return [_located(step, searches.get(step.ingest.source, []), store) for step in steps]


def _searches(source: str, keys: list[str], steps: Sequence[Naming], store: Store) -> list[FindStep]:
    places = next(step.places for step in steps if step.ingest.source == source)
    references = store.scan(keys, "_references").unique().sort("reference").collect()["reference"].to_list()
    if places is None or not references:
        return []
    size = _CHUNK if all(root.is_folder for root in places.roots) else len(references)
    return [FindStep(source, places, tuple(references[at : at + size])) for at in range(0, len(references), size)]


def _located(step: _Step, searches: Sequence[FindStep], store: Store) -> _Step:
    """Tell a step what its own references led to; what other rows name is nothing to it."""
    if step.places is None:
        return step
    named = store.scan([ReferenceStep(step.ingest, step.shards, step.limit).key], "_references")
    found = store.scan([search.key for search in searches], "_found", _FOUND)
    own = found.join(named, on="reference", how="semi").sort("reference").collect()
    return step.where(own.drop("place", "size", "changed"), store)
