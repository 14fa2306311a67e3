"""Clusters of equal prompts, responses and pairs: equal to the letter, or equal in normal form."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.identity import digest
from schemas.stage import Stage

_COLUMNS = ["subject", "key", "method", "cluster_id", "subject_id", "partner_id", "score"]


class ExactMatch(Stage):
    """Find everything that occurs more than once.

    A cluster's first member (source in the plan's order, then id) is the partner of the others and has none itself.
    Method `exact` means equal texts, `normalised` equal in normal form although the texts differ.
    """

    reads: ClassVar = ("_prompts", "_contents", "_tallies")
    cut_by: ClassVar = {"_prompts": "prompt_key", "_contents": "content_key"}
    sources: list[str]

    def __call__(self, prompts: pl.LazyFrame, contents: pl.LazyFrame, tallies: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `clusters`."""
        order = pl.DataFrame({"source": self.sources}).with_row_index("rank")
        questions = prompts.select("source", id="record_id", exact="prompt_exact", normal="prompt_key").collect()
        copied = contents.filter(pl.col("content_key").is_duplicated())
        answers = copied.select(id="response_id", exact="response_id", normal="content_key").unique("id").collect()
        judged = tallies.select(
            "source",
            id="pair_id",
            exact=digest(pl.lit("cluster"), "content", "dimension"),
            normal=digest(pl.lit("cluster"), "pair_key", "dimension"),
        ).collect()
        return {
            "clusters": pl.concat(
                [
                    _clusters(questions.join(order, on="source"), subject="record", key="prompt"),
                    _clusters(answers.with_columns(rank=pl.lit(0, pl.UInt32)), subject="response", key="response"),
                    _clusters(judged.join(order, on="source"), subject="pair", key="pair"),
                ]
            )
        }


def _clusters(members: pl.DataFrame, subject: str, key: str) -> pl.DataFrame:
    """Cluster `members` (id, exact, normal, rank) by either key; responses are one by exact key already."""
    together = members.filter(pl.col("normal").is_duplicated())
    texts = pl.col("exact").n_unique().over("normal")
    exact = together.filter((texts == 1) | pl.col("exact").is_duplicated()).with_columns(cluster="exact")
    normal = together.filter(texts > 1).with_columns(cluster="normal")
    return pl.concat([_stars(exact, "exact"), _stars(normal, "normalised")]).select(
        pl.lit(subject).alias("subject"), pl.lit(key).alias("key"), *_COLUMNS[2:]
    )


def _stars(members: pl.DataFrame, method: str) -> pl.DataFrame:
    """Point every member of a cluster at its first one."""
    ordered = members.sort("rank", "id")
    first = pl.col("id").first().over("cluster")
    is_first = pl.int_range(pl.len()).over("cluster") == 0
    return ordered.select(
        method=pl.lit(method),
        cluster_id="cluster",
        subject_id="id",
        partner_id=pl.when(~is_first).then(first),
        score=pl.lit(1.0),
    )
