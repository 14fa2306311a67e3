"""Twins: prompts that mean the same, and pairs whose prompts and responses do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.stage import Stage
from tasks.embed.clusters import cluster
from tasks.embed.search import cosines, search
from tasks.embed.stored import Stored

# The vectors of about so many things are in memory at a time.
_AT_ONCE: Final = 200_000
_PAIR: Final = ["asked", "left", "right"]
_PROMPT_TWINS: Final = pl.Schema({"a": pl.String, "b": pl.String, "score": pl.Float64})
_PAIR_TWINS: Final = pl.Schema([*_PROMPT_TWINS.items(), ("is_parallel", pl.Boolean())])


class Twins(Stage):
    """Find every two prompts, and every two pairs, with a cosine of at least `threshold`.

    The cosine of two pairs is the smallest of three: that of their prompts, and those of their responses, in the
    same or in swapped order, whichever is nearer. With another system message a pair is another one. Two pairs are
    parallel if the left response of one goes with the left one of the other, and crossed if it goes with the right
    one; that can only be told if one way round they are at least twice as near as the other way round.

    Texts that `model` did not read to their end have no twins, nor have texts without a letter or a digit; texts with
    other numbers are no twins, for to a model one number is nearly as good as another. Equal texts
    up to case and white space are one, and the vector of the one with the first id stands for all. Of more than
    `exact_to` prompts or pairs only those are compared whose prompts share one of four clusters: then a few twins may
    be missed, but never is anything called a twin that is none.
    """

    version = 1
    reads: ClassVar = ("_texts", "_sides", "embeddings")
    model: str
    threshold: float
    exact_to: int

    def __call__(self, texts: pl.LazyFrame, sides: pl.LazyFrame, embeddings: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_prompt_twins` (a, b, score) and `_semantic` (a, b, score, is_parallel), by keys, a before b."""
        stored = Stored(embeddings)
        whole = embeddings.filter("is_whole").select("content_id").unique().collect()
        named = _first_of_each(texts.collect()).join(whole, on="content_id", how="semi")
        asked = named.filter(kind="prompt").select("key", asked="content_id", asked_numbers="numbers")
        prompts = asked.sort("asked", "key")
        groups = self._grouped(prompts, stored)
        found = self._twins(prompts.with_columns(prompt="key"), ["asked"], groups, stored)
        twins = found.select(_PROMPT_TWINS.names())
        pairs = _pairs(sides, prompts, named.filter(kind="response"))
        pairs = _with_company(pairs, twins)
        told = self._twins(pairs, _PAIR, groups, stored)
        return {"_prompt_twins": twins, "_semantic": told.select(_PAIR_TWINS.names())}

    def _grouped(self, prompts: pl.DataFrame, stored: Stored) -> pl.DataFrame | None:
        """Say in which clusters each prompt is, if there are so many that clusters are needed."""
        if prompts.height <= self.exact_to:
            return None
        clusters = cluster(prompts["asked"].unique().sort(), stored)
        return prompts.join(clusters, left_on="asked", right_on="content_id").select(prompt="key", group="cluster")

    def _twins(
        self, things: pl.DataFrame, parts: list[str], groups: pl.DataFrame | None, stored: Stored
    ) -> pl.DataFrame:
        """Find the twins among `things` (key, prompt, and a content for each part), group by group."""
        placed = things.with_columns(group=pl.lit(0, pl.Int64)) if groups is None else things.join(groups, on="prompt")
        found = [_PAIR_TWINS.to_frame()]
        for batch in _batches(placed.sort("group", "asked", "key")):
            ids = pl.concat([batch[part] for part in parts]).unique().sort()
            vectors = stored.read(ids)
            for group in batch.partition_by("group", maintain_order=True):
                rows = np.stack([ids.search_sorted(group[part]).to_numpy().astype(np.int64) for part in parts], axis=1)
                i, j = search(vectors, rows, self.threshold)
                told = _decide(vectors, rows[i], rows[j])
                sides = {"a": group["key"].gather(i), "b": group["key"].gather(j)}
                found.append(_in_order(pl.DataFrame(sides).hstack(told)))
        twins = pl.concat(found).unique(["a", "b"]).filter(pl.col("score") >= self.threshold)
        return _alike(twins, things, parts).select(_PAIR_TWINS.names()).sort("a", "b")


def _first_of_each(texts: pl.DataFrame) -> pl.DataFrame:
    ordered = texts.filter("has_words").sort("kind", "key", "content_id")
    return ordered.unique(["kind", "key"], keep="first", maintain_order=True)


def _alike(twins: pl.DataFrame, things: pl.DataFrame, parts: list[str]) -> pl.DataFrame:
    """Leave out what has other numbers, and pairs with another system message."""
    numbers = [f"{part}_numbers" for part in parts]
    about = things.select("key", *numbers, *(["system"] if parts == _PAIR else []))
    both = twins.join(about, left_on="a", right_on="key").join(about, left_on="b", right_on="key", suffix="_b")
    same = pl.col("asked_numbers") == pl.col("asked_numbers_b")
    if parts == _PAIR:
        straight, crossed = (
            (pl.col("left_numbers") == pl.col(f"{left}_numbers_b"))
            & (pl.col("right_numbers") == pl.col(f"{right}_numbers_b"))
            for left, right in (("left", "right"), ("right", "left"))
        )
        told = pl.when("is_parallel").then(straight).when(~pl.col("is_parallel")).then(crossed)
        same &= told.otherwise(straight | crossed) & (pl.col("system") == pl.col("system_b"))
    return both.filter(same)


def _pairs(sides: pl.LazyFrame, prompts: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    """Name the contents, and their numbers, of every pair whose three texts can have twins."""
    left, right = (
        responses.select(pl.col("key", "content_id", "numbers").name.suffix(f"_{side}")).rename(
            {f"key_{side}": f"{side}_key", f"content_id_{side}": side, f"numbers_{side}": f"{side}_numbers"}
        )
        for side in ("left", "right")
    )
    return (
        sides.rename({"left": "left_key", "right": "right_key"})
        .collect()
        .unique("key")
        .join(prompts.rename({"key": "prompt"}), on="prompt")
        .join(left, on="left_key")
        .join(right, on="right_key")
        .drop("left_key", "right_key")
    )


def _with_company(pairs: pl.DataFrame, twins: pl.DataFrame) -> pl.DataFrame:
    """Leave out pairs whose prompt is alone: no other pair has it, and it has no twin."""
    touched = pl.concat([twins["a"], twins["b"]]).unique()
    return pairs.filter(pl.col("prompt").is_duplicated() | pl.col("prompt").is_in(touched.implode()))


def _batches(placed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Put consecutive groups together until their vectors are as many as may be in memory."""
    sizes = placed.group_by("group", maintain_order=True).len()
    batch = (sizes["len"].cum_sum() - sizes["len"]) // _AT_ONCE
    of_groups = sizes.select("group").with_columns(batch=batch)
    yield from placed.join(of_groups, on="group", maintain_order="left").partition_by("batch", maintain_order=True)


def _decide(vectors: npt.NDArray[np.float32], one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Say how near things are, and which way round, by vectors in double precision."""
    asked = cosines(vectors, one[:, 0], other[:, 0])
    if one.shape[1] == 1:
        return pl.DataFrame({"score": asked}, schema={"score": pl.Float64}).with_columns(
            is_parallel=pl.lit(None, pl.Boolean)
        )
    straight, crossed = (
        np.minimum(cosines(vectors, one[:, 1], other[:, left]), cosines(vectors, one[:, 2], other[:, right]))
        for left, right in ((1, 2), (2, 1))
    )
    nearer, farther = np.maximum(straight, crossed), np.minimum(straight, crossed)
    is_told = (straight != crossed) & (1.0 - nearer <= (1.0 - farther) / 2)
    told = pl.DataFrame({"score": np.minimum(asked, nearer), "is_told": is_told, "is_parallel": straight > crossed})
    return told.select("score", is_parallel=pl.when("is_told").then("is_parallel"))


def _in_order(told: pl.DataFrame) -> pl.DataFrame:
    """Name the smaller key first; which way round two pairs are does not depend on it."""
    smaller, larger = pl.min_horizontal("a", "b"), pl.max_horizontal("a", "b")
    return told.with_columns(a=smaller, b=larger).select(_PAIR_TWINS.names())
