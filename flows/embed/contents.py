"""Embeddings by content: what has a vector of this model already is never embedded again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from flows.embed.step import EmbedStep, TextStage, key_of_vectors, prefix
from warehouse.store import Store

# Texts of one file: so many are lost if the process dies.
CHUNK = 2_048


def embed_contents(
    store: Store, model: TextStage, contents: pl.DataFrame, tell: Callable[[int, int], None]
) -> list[str]:
    """Embed those of `contents` (content_id, text) that `model` has not embedded yet; return the keys of them all.

    `tell` is told how many of how many missing texts are done.
    """
    known = _embedded(store, store.keys(prefix(model)))
    missing = contents.join(known, on="content_id", how="anti").sort("content_id")
    for start in range(0, missing.height, CHUNK):
        part = missing.slice(start, CHUNK)
        store.write(key_of_vectors(model, part["content_id"].to_list()), model(part.lazy()))
        tell(start + part.height, missing.height)
    return keys_with(store, model, contents["content_id"])


def missing_contents(
    model: TextStage, shards: Sequence[str], lists: Sequence[str], table: str, store: Store
) -> Iterator[EmbedStep]:
    """Cut into steps what `model` has not embedded yet of the contents that `table` lists, each with its first shard.

    The list of each shard lies under the key at the same place in `lists`.
    """
    known = _embedded(store, store.keys(prefix(model)))
    for shard, key in zip(shards, lists, strict=True):
        own = store.scan([key], table).select("content_id").unique().collect()
        missing = own.join(known, on="content_id", how="anti").sort("content_id")
        known = pl.concat([known, missing])
        for part in missing.iter_slices(CHUNK):
            yield EmbedStep(model, shard, tuple(part["content_id"]))


def keys_with(store: Store, model: TextStage, content_ids: pl.Series) -> list[str]:
    """Name the files that hold vectors by `model` of any of `content_ids`."""
    wanted = content_ids.alias("content_id").to_frame()
    return [
        key
        for key in store.keys(prefix(model))
        if _embedded(store, [key]).join(wanted, on="content_id", how="semi").height
    ]


def vectors_of(store: Store, keys: list[str], content_ids: pl.Series) -> NDArray[np.float32]:
    """Read the vectors of `content_ids`, in their order, as an array of shape (n, d). All of them must be there."""
    wanted = pl.DataFrame({"content_id": content_ids}).lazy()
    stored = store.scan(keys, "embeddings").select("content_id", "vector").unique("content_id")
    vectors = wanted.join(stored, on="content_id", how="left", maintain_order="left").collect()["vector"]
    return vectors.list.to_array(len(vectors[0])).to_numpy().astype(np.float32, copy=False)


def _embedded(store: Store, keys: list[str]) -> pl.DataFrame:
    return store.scan(keys, "embeddings").select("content_id").unique().collect()
