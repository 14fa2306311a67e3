"""Intransitive triples: A is better than B, B better than C, and C better than A."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

# As many paths of three answers are held at a time; a list of a thousand answers to one prompt has half a billion.
_PATHS = 4_000_000
_MOST_EXAMPLES = 4
_SEVERAL = "several"


class Cycles(NamedTuple):
    """`counted` has, by source and dimension, the `triples` that were compared in full and the `cyclic` ones of them.

    `examples` names a few: prompt_key, dimension and the answers `a`, `b`, `c`, each better than the next, the last
    better than the first.
    """

    counted: pl.DataFrame
    examples: pl.DataFrame


def cycles(pairs: pl.DataFrame) -> Cycles:
    """Find the triples of answers to one prompt that were all compared in one dimension, and the cyclic ones.

    `pairs` has prompt_key, dimension, source, chosen_id and rejected_id. Pairs that were decided both ways equally
    often say nothing. A triple whose pairs come from different sources is counted under `several`.
    """
    edges = _edges(pairs)
    found = [_triples(part, edges) for part in _batches(edges)]
    triples = pl.concat(found) if found else _triples(edges, edges)
    counted = triples.group_by("source", "dimension").agg(
        triples=pl.len().cast(pl.Int64), cyclic=pl.col("is_cyclic").sum().cast(pl.Int64)
    )
    return Cycles(counted.sort("source", "dimension"), _examples(triples))


def _edges(pairs: pl.DataFrame) -> pl.DataFrame:
    """One row for each two answers that have a winner, from the answer with fewer comparisons to the one with more.

    So no answer begins more than √(2 · comparisons) rows, however often it was compared.
    """
    is_lower_first = pl.col("chosen_id") < pl.col("rejected_id")
    sides = pairs.filter(pl.col("chosen_id") != pl.col("rejected_id")).select(
        "prompt_key", "dimension", "source",
        x=pl.min_horizontal("chosen_id", "rejected_id"), y=pl.max_horizontal("chosen_id", "rejected_id"),
        lean=pl.when(is_lower_first).then(1).otherwise(-1),
    )  # fmt: skip
    sources = pl.when(pl.col("source").n_unique() == 1).then(pl.col("source").first()).otherwise(pl.lit(_SEVERAL))
    won = (
        sides.group_by("prompt_key", "dimension", "x", "y")
        .agg(sources.alias("source"), lean=pl.col("lean").sum().sign().cast(pl.Int8))
        .filter(pl.col("lean") != 0)
    )
    group = ["prompt_key", "dimension"]
    ends = pl.concat([won.select(*group, node="x"), won.select(*group, node="y")])
    nodes = ends.group_by(*group, "node").agg(degree=pl.len()).sort("degree", *group, "node").with_row_index("rank")
    ranks = nodes.select(*group, "node", pl.col("rank").cast(pl.Int64))
    ranked = won.join(ranks, left_on=[*group, "x"], right_on=[*group, "node"]).join(
        ranks, left_on=[*group, "y"], right_on=[*group, "node"], suffix="_y"
    )
    is_x_low = pl.col("rank") < pl.col("rank_y")
    return ranked.select(
        *group, "source",
        low=pl.min_horizontal("rank", "rank_y"), high=pl.max_horizontal("rank", "rank_y"),
        low_id=pl.when(is_x_low).then("x").otherwise("y"), high_id=pl.when(is_x_low).then("y").otherwise("x"),
        low_wins=(pl.col("lean") > 0) == is_x_low,
    ).sort("low", "high")  # fmt: skip


def _batches(edges: pl.DataFrame) -> list[pl.DataFrame]:
    # An answer that begins n rows begins n² paths: n for each of its rows.
    paths = pl.len().over("low").cast(pl.Int64)
    placed = edges.with_columns(batch=paths.cum_sum() // _PATHS)
    whole = placed.with_columns(pl.col("batch").first().over("low"))
    return whole.partition_by("batch", include_key=False, maintain_order=True)


def _triples(part: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Close every path high ← low → higher by the comparison of its two ends."""
    ends = part.select(
        "low", "source", "low_id", "prompt_key", "dimension", x="high", x_id="high_id", beats_x="low_wins"
    )
    others = part.select("low", y="high", y_id="high_id", beats_y="low_wins", source_y="source")
    last = edges.select(x="low", y="high", x_beats_y="low_wins", source_xy="source")
    closed = ends.join(others, on="low").filter(pl.col("x") < pl.col("y")).join(last, on=["x", "y"])
    is_one_source = (pl.col("source") == pl.col("source_y")) & (pl.col("source") == pl.col("source_xy"))
    is_cyclic = (pl.col("beats_x") == pl.col("x_beats_y")) & (pl.col("beats_x") != pl.col("beats_y"))
    return closed.select(
        "prompt_key", "dimension",
        source=pl.when(is_one_source).then("source").otherwise(pl.lit(_SEVERAL)),
        is_cyclic=is_cyclic,
        a="low_id",
        b=pl.when("beats_x").then("x_id").otherwise("y_id"),
        c=pl.when("beats_x").then("y_id").otherwise("x_id"),
    )  # fmt: skip


def _examples(triples: pl.DataFrame) -> pl.DataFrame:
    """One cycle each of a few prompts; ids are digests, so the smallest are as good as drawn."""
    told = triples.filter("is_cyclic").sort("prompt_key", "dimension", "a", "b", "c")
    first = told.unique(["prompt_key", "dimension"], keep="first", maintain_order=True).head(_MOST_EXAMPLES)
    return first.select("prompt_key", "dimension", "a", "b", "c")
