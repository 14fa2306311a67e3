"""Semantic: what becomes of prompts and pairs that mean the same, before anything is decided about them."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage
from tasks.match.near import near_links
from tasks.match.stars import near_clusters
from tasks.match.texts import beside_media


class SemanticMatch(Stage):
    """Write down the stars of twins, and tie the records of twins together if they are to `link`.

    Nothing is dropped here. Prompts beside whose words stands a picture or a sound are no twins.
    """

    version = 2
    reads: ClassVar = ("_prompt_twins", "_semantic", "_prompts", "_contents", "_judgments")
    sources: list[str]
    link: bool

    def __call__(
        self,
        prompt_twins: pl.LazyFrame,
        semantic: pl.LazyFrame,
        prompts: pl.LazyFrame,
        contents: pl.LazyFrame,
        judgments: pl.LazyFrame,
    ) -> dict[str, pl.DataFrame]:
        """Return `_near_links` (record_id, key) and `clusters`; twins (a, b, score) are named by their keys."""
        asked = prompt_twins.collect()
        for side in ("a", "b"):
            asked = asked.join(beside_media(prompts), left_on=side, right_on="key", how="anti")
        twins = {"prompt": asked, "pair": semantic.select("a", "b", "score").collect()}
        links = near_links(twins, prompts, judgments)
        return {
            "_near_links": links if self.link else links.clear(),
            "clusters": near_clusters(twins, prompts, contents, judgments, self.sources, "semantic"),
        }
