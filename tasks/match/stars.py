"""Clusters of what is alike are stars: everything in one is like its centre, nothing is tied to it through a chain."""

from __future__ import annotations

import polars as pl

from tasks.slices import rows_of

_COLUMNS = ["subject", "key", "method", "cluster_id", "subject_id", "partner_id", "score"]
_FIRST = ["rank", "id"]


def near_clusters(
    near: dict[str, pl.DataFrame],
    prompts: pl.LazyFrame,
    contents: pl.LazyFrame,
    judgments: pl.LazyFrame,
    sources: list[str],
    method: str = "near",
) -> pl.DataFrame:
    """Return the rows of `clusters` for the near texts and pairs of each kind (a, b, score); responses may be missing.

    The first of two (source in the plan's order, then id) is the centre and the partner of the other; of equal texts
    the first stands for all. The key is `conversation` if one of the two is an earlier prompt that is gone on from.
    """
    order = pl.DataFrame({"source": sources}).with_row_index("rank")
    stars = [_stars(near["prompt"], _asking(near["prompt"], prompts).join(order, on="source"), "record")]
    if "response" in near:
        stars.append(_stars(near["response"], _answers(near["response"], contents), "response"))
    stars.append(_stars(near["pair"], _judged(near["pair"], judgments).join(order, on="source"), "pair"))
    return pl.concat(stars).with_columns(method=pl.lit(method))


def _asking(edges: pl.DataFrame, prompts: pl.LazyFrame) -> pl.DataFrame:
    own = prompts.select("source", id="record_id", text="prompt_key")
    continued = prompts.select("source", id="record_id", text="prefix_keys")
    touched = _texts(edges)
    return pl.concat(
        [
            rows_of(own, "text", touched).with_columns(key=pl.lit("prompt")),
            rows_of(continued, "text", touched, explode=["text"]).with_columns(key=pl.lit("conversation")),
        ]
    )


def _answers(edges: pl.DataFrame, contents: pl.LazyFrame) -> pl.DataFrame:
    found = rows_of(contents.select(id="response_id", text="content_key"), "text", _texts(edges))
    return found.with_columns(rank=pl.lit(0, pl.UInt32), key=pl.lit("response"))


def _judged(edges: pl.DataFrame, judgments: pl.LazyFrame) -> pl.DataFrame:
    found = rows_of(judgments.select("source", id="pair_id", text="pair_key"), "text", _texts(edges))
    return found.with_columns(key=pl.lit("pair"))


def _texts(edges: pl.DataFrame) -> pl.Series:
    return pl.concat([edges["a"], edges["b"]])


def _stars(edges: pl.DataFrame, members: pl.DataFrame, subject: str) -> pl.DataFrame:
    members = members.sort(_FIRST)
    # A record that asks the text itself stands for it before one that goes on from it.
    firsts = members.sort(pl.col("key") == "conversation", maintain_order=True).unique("text", maintain_order=True)
    numbered = firsts.sort(_FIRST).with_row_index("at").select("at", "text", "id", "key")
    both = edges.join(numbered, left_on="a", right_on="text").join(
        numbered, left_on="b", right_on="text", suffix="_other"
    )
    is_first = pl.col("at") < pl.col("at_other")
    leaves = both.select(
        "score",
        key=pl.when(pl.col("key") == "conversation").then("key").otherwise("key_other"),
        cluster_id=pl.when(is_first).then("a").otherwise("b"),
        subject_id=pl.when(is_first).then("id_other").otherwise("id"),
        partner_id=pl.when(is_first).then("id").otherwise("id_other"),
    ).filter(pl.col("subject_id") != pl.col("partner_id"))
    centres = leaves.unique(["cluster_id", "key"]).select(
        "key", "cluster_id", subject_id="partner_id", partner_id=pl.lit(None, pl.String), score=pl.lit(1.0)
    )
    rows = pl.concat([centres, leaves.select(centres.columns)]).sort("cluster_id", "key", "subject_id")
    return rows.select(pl.lit(subject).alias("subject"), "key", pl.lit(None, pl.String).alias("method"), *_COLUMNS[3:])
