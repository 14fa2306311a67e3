"""Media twins: pictures and videos that show the same, by their vectors and by what is said to be on them."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import polars as pl

from schemas.stage import Stage
from tasks.embed.clusters import cluster
from tasks.embed.search import cosines, search
from tasks.embed.stored import Stored, Vectors
from tasks.embed.together.captions import CAPTION_ID
from tasks.stars import media_stars

_LINKS: Final = pl.Schema({"left": pl.String, "right": pl.String, "key": pl.String, "score": pl.Float64})


class MediaTwins(Stage):
    """Find every two pictures, and every two videos, whose vectors have a cosine of at least `threshold`.

    This is SemDeDup (Abbas et al. 2023) without its drop: what is found is told. `stacked` takes the mean of two
    cosines, that of the media and that of their captions (Marjieh et al. 2023). Of more than `exact_to` media only
    those are compared that share one of four clusters: then a few twins may be missed.
    """

    version = 1
    reads: ClassVar = ("embeddings", "media", "captions")
    model: str
    threshold: float
    stacked: bool = False
    exact_to: int = 100_000

    def __call__(
        self, embeddings: pl.LazyFrame, media: pl.LazyFrame, captions: pl.LazyFrame | None = None
    ) -> dict[str, pl.DataFrame]:
        """Return `_media_links` (left, right, key, score), left before right, and rows of `clusters`."""
        stored = Stored(embeddings)
        known = embeddings.filter(pl.col("content") == "media").select(media_id="content_id").unique()
        seen = media.select("media_id", "modality").join(known, on="media_id", how="semi").sort("media_id").collect()
        found = [_LINKS.to_frame()]
        for (kind,), group in seen.partition_by("modality", as_dict=True).items():
            ids = group["media_id"]
            vectors = self._vectors(ids, stored, captions)
            found += [self._twins(ids, vectors, part, str(kind)) for part in self._groups(ids, stored)]
        links = pl.concat(found).unique(["left", "right"]).sort("key", "left", "right")
        return {"_media_links": links, "clusters": media_stars(links, "semantic")}

    def _vectors(self, ids: pl.Series, stored: Stored, captions: pl.LazyFrame | None) -> Vectors:
        """Read the vectors of media, of length 1, beside them those of their captions if these count as well."""
        seen = _unit(stored.read(ids))
        if not self.stacked or captions is None:
            return seen
        said = captions.select("media_id", "text").unique("media_id").collect().with_columns(content_id=CAPTION_ID)
        named = ids.alias("media_id").to_frame().join(said, on="media_id", how="left", maintain_order="left")
        read = _unit(stored.read_distinct(named["content_id"].fill_null("")))
        both: Vectors = np.concatenate([seen, read], axis=1)
        return both

    def _groups(self, ids: pl.Series, stored: Stored) -> list[np.ndarray]:
        """Say which media are compared: the places of all, or those of each cluster."""
        if len(ids) <= self.exact_to:
            return [np.arange(len(ids))]
        clusters = cluster(ids, stored).join(ids.alias("content_id").to_frame().with_row_index("at"), on="content_id")
        return [part["at"].to_numpy() for part in clusters.partition_by("cluster")]

    def _twins(self, ids: pl.Series, vectors: Vectors, places: np.ndarray, kind: str) -> pl.DataFrame:
        i, j = search(vectors[places], np.arange(len(places))[:, None], self.threshold)
        one, other = np.minimum(places[i], places[j]), np.maximum(places[i], places[j])
        told = pl.DataFrame(
            {"left": ids.gather(one), "right": ids.gather(other), "score": cosines(vectors, one, other)}
        )
        near = told.filter(pl.col("score") >= self.threshold)
        return near.select("left", "right", pl.lit(kind).alias("key"), "score").cast(_LINKS)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
