"""What of a run is shown to models of media: pictures are embedded and captioned, speech is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from flows.embed.contents import keys_with, missing_contents
from flows.embed.media_models import of_model, texts_beside
from flows.media.passes import MediaModel, missing_passes, passed_keys
from flows.media.sight import Sight, limits_of, tied
from flows.run.steps import Chain, Order, Step, Work
from schemas.rules.metrics import HARMS, METRICS, scores_of
from tasks.embed.image_text.media import EmbedMedia
from tasks.embed.together.alignment import Alignment
from tasks.embed.together.beside import Beside
from tasks.embed.together.captions import EmbedCaptions
from tasks.embed.together.harms import Harms
from tasks.embed.together.scores import Together
from tasks.embed.together.twins import MediaTwins
from tasks.media.decode.limits import Limits
from warehouse.store import Store

Run = Callable[[Sequence[Work]], None]


class Shown(NamedTuple):
    """What models made of media: keys of public results, by table those that rules on pairs read, and what ties."""

    keys: list[str]
    rules: dict[str, list[str]]
    ties: list[Step]


def show_media(
    order: Order, chains: Sequence[Chain], sight: Sight, metrics: Sequence[str], store: Store, run: Run
) -> Shown:
    """Show each distinct medium that the models of the plan have not seen yet; score what the `metrics` need."""
    models = order.media
    if not sight.described or not any(models):
        return Shown([], {}, [])
    media = store.scan([step.key for step in sight.described], "media").filter(pl.col("error").is_null())
    found = media.select("sha256", "modality", "sample_rate").drop_nulls("sha256").collect()
    seen, heard = found.filter(pl.col("modality") != "audio"), found.filter(pl.col("sample_rate").is_not_null())
    limits = limits_of(order.plan)
    vectors, captions, transcripts = (
        _passed(model, limits, digests["sha256"], store, run) if model is not None else []
        for model, digests in ((models.image_text, seen), (models.caption, seen), (models.speech, heard))
    )
    keys = [*vectors, *captions, *transcripts]
    if models.image_text is None:
        return Shown(keys, {}, [])
    judged = _judge(models.image_text, vectors, metrics, run)
    words, scored = _score(models.image_text, chains, vectors, captions, metrics, store, run)
    twins, ties = _twins(order, chains, sight, vectors, captions, run)
    return Shown(list(dict.fromkeys([*keys, *words, *twins])), judged | scored, ties)


def _twins(
    order: Order, chains: Sequence[Chain], sight: Sight, vectors: list[str], captions: list[str], run: Run
) -> tuple[list[str], list[Step]]:
    """Search for media that show the same, if the plan wants it; return the keys of results, and what ties records."""
    said, model = order.plan.dedupe.semantic_media, order.media.image_text
    if said is None or model is None:
        return [], []
    described: list[Step] = []
    inputs = {"embeddings": vectors, "media": [step.key for step in sight.described]}
    if said.stacked:
        described = [Step(EmbedCaptions(**of_model(model)), {"captions": [key]}) for key in captions]
        run(described)
        inputs["embeddings"] = [*vectors, *[step.key for step in described]]
        inputs["captions"] = captions
    # The model speaks for the vectors, however many files these lie in.
    match = MediaTwins(model=model.key(), threshold=said.threshold, stacked=said.stacked)
    found = Step(match, inputs, unkeyed=("embeddings",))
    run([found])
    ties = [tied(found, [chain.ingest.key for chain in chains])] if said.link else []
    run(ties)
    return [step.key for step in (*described, found, *ties)], ties


def _passed(model: MediaModel, limits: Limits, digests: pl.Series, store: Store, run: Run) -> list[str]:
    run(missing_passes(store, model, limits, digests))
    return passed_keys(store, model, digests)


def _judge(model: EmbedMedia, vectors: list[str], metrics: Sequence[str], run: Run) -> dict[str, list[str]]:
    """Say what media may show, if somebody wants to know."""
    if not any(METRICS[name].measure in HARMS for name in metrics if name in METRICS):
        return {}
    harms = [Step(Harms(**of_model(model)), {"embeddings": [key]}) for key in vectors]
    run(harms)
    return {"_harms": [step.key for step in harms]} if harms else {}


def _score(
    model: EmbedMedia,
    chains: Sequence[Chain],
    vectors: list[str],
    captions: list[str],
    metrics: Sequence[str],
    store: Store,
    run: Run,
) -> tuple[list[str], dict[str, list[str]]]:
    """Score words and media together, as far as somebody wants to know; return the keys of words' vectors as well."""
    wanted = scores_of(metrics)
    if not wanted:
        return [], {}
    said, shards = texts_beside(model), [chain.ingest.key for chain in chains]
    beside = [Step(Beside(), {table: [shard] for table in Beside.reads}) for shard in shards]
    run(beside)
    lists = [step.key for step in beside]
    run(list(missing_contents(said, shards, lists, "_beside", store)))
    needed = store.scan(lists, "_beside").select("content_id").unique().collect()
    words = keys_with(store, said, needed["content_id"])
    inputs = {"_beside": lists, "embeddings": [*vectors, *words]}
    if "caption_similarity" in wanted and captions:
        described = [Step(EmbedCaptions(**of_model(model)), {"captions": [key]}) for key in captions]
        run(described)
        words += [step.key for step in described]
        inputs["embeddings"] = [*vectors, *words]
        inputs["captions"] = captions
    if "f_clip_score" in wanted:
        aligned = [_aligning(model, shard, key, inputs["embeddings"]) for shard, key in zip(shards, lists, strict=True)]
        run(aligned)
        inputs["_alignments"] = [step.key for step in aligned]
    # The model and what stands beside what speak for the vectors, however many files these lie in.
    together = Step(Together(model=model.key()), inputs, unkeyed=("embeddings",))
    run([together])
    return words, {"_scores": [together.key]}


def _aligning(model: EmbedMedia, shard: str, beside: str, vectors: list[str]) -> Step:
    inputs = {"_beside": [beside], "records": [shard], "responses": [shard], "embeddings": vectors}
    return Step(Alignment(**of_model(model)), inputs, unkeyed=("embeddings",))
