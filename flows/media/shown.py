"""What of a run is shown to models of media: pictures are embedded and captioned, speech is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from flows.embed.contents import keys_with, missing_contents
from flows.embed.media_models import texts_beside
from flows.media.passes import MediaModel, missing_passes, passed_keys
from flows.media.sight import Sight, limits_of
from flows.run.steps import Chain, Order, Step, Work
from schemas.rules.metrics import scores_of
from tasks.embed.image_text.beside import Beside
from tasks.embed.image_text.media import EmbedMedia
from tasks.embed.image_text.together import Together
from tasks.media.decode.limits import Limits
from warehouse.store import Store

Run = Callable[[Sequence[Work]], None]


class Shown(NamedTuple):
    """What models made of media: the keys of public results, and the steps that score words and media together."""

    keys: list[str]
    scores: list[Step]

    def told(self) -> dict[str, list[str]]:
        """Say what rules on pairs read of it."""
        return {"_scores": [step.key for step in self.scores]} if self.scores else {}


def show_media(
    order: Order, chains: Sequence[Chain], sight: Sight, metrics: Sequence[str], store: Store, run: Run
) -> Shown:
    """Show each distinct medium that the models of the plan have not seen yet; score what the `metrics` need."""
    models = order.media
    if not sight.described or not any(models):
        return Shown([], [])
    media = store.scan([step.key for step in sight.described], "media").filter(pl.col("error").is_null())
    found = media.select("sha256", "modality", "sample_rate").drop_nulls("sha256").collect()
    seen, heard = found.filter(pl.col("modality") != "audio"), found.filter(pl.col("sample_rate").is_not_null())
    limits, keys, scores = limits_of(order.plan), list[str](), list[Step]()
    if models.image_text is not None:
        vectors = _passed(models.image_text, limits, seen["sha256"], store, run)
        keys += vectors
        if scores_of(metrics):
            words, scores = _score(models.image_text, chains, vectors, store, run)
            keys += words
    for model, digests in ((models.caption, seen["sha256"]), (models.speech, heard["sha256"])):
        if model is not None:
            keys += _passed(model, limits, digests, store, run)
    return Shown(keys, scores)


def _passed(model: MediaModel, limits: Limits, digests: pl.Series, store: Store, run: Run) -> list[str]:
    run(missing_passes(store, model, limits, digests))
    return passed_keys(store, model, digests)


def _score(
    model: EmbedMedia, chains: Sequence[Chain], vectors: list[str], store: Store, run: Run
) -> tuple[list[str], list[Step]]:
    """Embed the words that stand beside media, and score both; return the keys of the words' vectors as well."""
    said = texts_beside(model)
    beside = [Step(Beside(), {table: [chain.ingest.key] for table in Beside.reads}) for chain in chains]
    run(beside)
    shards, lists = [chain.ingest.key for chain in chains], [step.key for step in beside]
    run(list(missing_contents(said, shards, lists, "_beside", store)))
    wanted = store.scan(lists, "_beside").select("content_id").unique().collect()
    words = keys_with(store, said, wanted["content_id"])
    # The model and what stands beside what speak for the vectors, however many files these lie in.
    together = Step(
        Together(model=model.key()),
        {"_beside": lists, "embeddings": [*vectors, *words]},
        unkeyed=("embeddings",),
    )
    run([together])
    return words, [together]
