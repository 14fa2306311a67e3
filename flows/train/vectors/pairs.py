"""What a reward head learns from: pairs, and what their prompts and answers are as numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from flows.embed.contents import embed_contents, vectors_of
from flows.train.vectors.model import Model
from flows.train.vectors.seen import see_contents
from schemas.plan.train.training import HeadTraining
from tasks.embed.embed import Embed
from tasks.embed.image_text.media import EmbedMedia
from training.data import candidates, contents_of, of_modality, read_judged, refuse_nothing, texts_among
from training.head.design import Asked, Contents, rows_of
from training.head.hand import hand_features
from training.media.contents import media_among, read_contents
from training.media.hand import lengths_of, measures_of, media_hand
from warehouse.database import Warehouse
from warehouse.store import Store

Tell = Callable[[str, int, int], None]


class Gathered(NamedTuple):
    """Candidates as rows of contents, how many pairs were left out for which reason, and what the numbers mean."""

    pairs: pl.DataFrame
    asked: Asked
    contents: Contents
    left_out: dict[str, int]
    meaning: dict[str, Any]


def gather_pairs(opened: Warehouse, config: HeadTraining, model: Model, tell: Tell) -> Gathered:
    """Read the candidates that `model` has vectors of, and embed what it has not embedded yet.

    Raises Terminal that says what there is if no kept pair is left.
    """
    splits = [config.train, config.held_out, config.test]
    judged = read_judged(candidates(opened), splits, config.dimensions)
    pairs, others = of_modality(judged, config.modality)
    found = (
        _gather_texts(opened, pairs, config, model, tell)
        if isinstance(model, Embed)
        else _gather_media(opened, pairs, config, model, tell)
    )
    counts = {why: n for why, n in (others | found.left_out).items() if n}
    return found._replace(left_out=counts)


def _gather_texts(opened: Warehouse, judged: pl.DataFrame, config: HeadTraining, model: Embed, tell: Tell) -> Gathered:
    store, splits = Store(opened.home), [config.train, config.held_out, config.test]
    pairs, left_out = texts_among(judged, opened, splits, config.dimensions)
    texts = contents_of(pairs)
    keys = embed_contents(store, model, texts, lambda done, all_: tell("embedding texts", done, all_))
    vectors = vectors_of(store, keys, texts["content_id"])
    contents = Contents(vectors, hand_features(texts).to_numpy().astype(np.float32))
    return Gathered(pairs, rows_of(pairs, texts["content_id"]), contents, left_out, {})


def _gather_media(
    opened: Warehouse, judged: pl.DataFrame, config: HeadTraining, model: EmbedMedia, tell: Tell
) -> Gathered:
    splits = [config.train, config.held_out, config.test]
    what = "" if config.modality is None else f"of {config.modality} "
    refuse_nothing(judged, opened, what, splits, config.dimensions)
    said = read_contents(opened, judged["record_id"], pl.concat([judged["chosen_id"], judged["rejected_id"]]))
    seen = see_contents(opened, model, said.contents, tell)
    lengths = lengths_of(said.contents, seen.media)
    pairs, left_out = media_among(judged, said, lengths, seen.missing)
    refuse_nothing(pairs, opened, f"{what}whose media have vectors ", splits, config.dimensions)
    learnt_from = pairs.filter(pl.col("split") == config.train)
    answers = pl.concat([learnt_from["chosen_id"], learnt_from["rejected_id"]])
    hand = media_hand(seen.contents, measures_of(seen.contents, seen.media), answers)
    asked = rows_of(pairs, said.contents["content_id"])
    meaning = {"hand": hand.names, "filling": hand.filling}
    return Gathered(pairs, asked, Contents(seen.vectors, hand.features), left_out, meaning)
