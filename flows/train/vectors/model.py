"""The model whose vectors a head is trained on: found before anything is done, and where its vectors lie."""

from __future__ import annotations

from pathlib import Path

from flows.embed import step
from flows.embed.encoder import settle_encoder
from flows.embed.media_models import settle_image_text, texts_beside
from flows.media import passes
from schemas.plan.train.training import HeadOnVectors
from tasks.embed.embed import Embed
from tasks.embed.image_text.media import EmbedMedia
from warehouse.home import Home
from warehouse.store import Store

Model = Embed | EmbedMedia


def settle_model(config: HeadOnVectors, root: Path, home: Home) -> Model:
    """Find the model that `config` names, whose path is relative to `root`, and name it exactly.

    Raises Terminal if it is not there or if the libraries that load it are not installed.
    """
    if config.image_text is not None:
        return settle_image_text(config.image_text, root, home)
    return settle_encoder(config.encoder, root, home)


def vector_keys(store: Store, model: Model) -> list[str]:
    """Name all results in which vectors by `model` lie."""
    if isinstance(model, Embed):
        return store.keys(step.prefix(model))
    return [*store.keys(passes.prefix(model)), *store.keys(step.prefix(texts_beside(model)))]
