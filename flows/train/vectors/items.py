"""What moderation learns from: labelled items, and what they and their prompts are as numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from flows.embed.contents import embed_contents
from flows.train.vectors.model import Model
from flows.train.vectors.seen import see_contents
from schemas.errors import Terminal
from schemas.plan.train.training import ModerationTraining
from tasks.embed.embed import Embed
from tasks.embed.stored import Stored
from training.data import NOT_TEXT, OTHER_MODALITY
from training.head.design import Contents
from training.head.hand import hand_features
from training.media.contents import CONTENTS, read_contents
from training.media.hand import measures_of, media_hand
from training.moderation.items import Labelled, items_of, read_assigned, read_labels
from training.moderation.learn import Places, Truth
from warehouse.database import Warehouse
from warehouse.store import Store

Tell = Callable[[str, int, int], None]
NO_SPLIT: Final = "its record is in none of the splits"
_ITEM: Final = ("prompt_id", "content_id")


class GatheredItems(NamedTuple):
    """Items as rows of contents, what is true of them by label, and how many were left out for which reason.

    `of_texts` are the contents as their texts alone; nothing where nothing has a medium. `meaning` says what the
    numbers mean.
    """

    components: pl.Series
    places: Places
    truth: dict[str, Truth]
    contents: Contents
    of_texts: Contents | None
    left_out: dict[str, int]
    meaning: dict[str, Any]


class _Numbers(NamedTuple):
    """Contents as numbers, and which of them have none, and why (content_id, why)."""

    contents: Contents
    of_texts: Contents | None
    missing: pl.DataFrame
    meaning: dict[str, Any]


def gather_items(opened: Warehouse, config: ModerationTraining, model: Model, tell: Tell) -> GatheredItems:
    """Read the labelled items that `model` has vectors of, and embed what it has not embedded yet.

    Raises Terminal that says what there is if there are no such labels, or none of an item in the splits.
    """
    labelled = read_labels(opened, config)
    asked, contents = _asked(opened, labelled, config)
    wanted = _of_modality(opened, asked, config)
    assigned = read_assigned(opened).filter(pl.col("split").is_in([config.train, config.held_out, config.test]))
    placed = wanted.join(assigned, on="record_id")
    items = items_of(labelled, placed)
    used = contents.filter(pl.col("content_id").is_in(pl.concat([items[column] for column in _ITEM]).implode()))
    numbers = _numbers(opened, model, used, items, config, tell)
    known, gone = _with_vectors(items, numbers.missing)
    left_out = gone | {OTHER_MODALITY: _fewer(asked, wanted), NO_SPLIT: _fewer(wanted, placed)}
    if known.is_empty():
        why = "; ".join(f"{n} left out: {why}" for why, n in left_out.items() if n)
        raise Terminal(f"no {config.target} with labels of {labelled.taxonomy} can be learnt from ({why})")
    return GatheredItems(
        known["component_id"],
        _places(known, used["content_id"], config),
        {name.removeprefix("label:"): known[name].to_numpy() for name in known.columns if name.startswith("label:")},
        numbers.contents,
        numbers.of_texts,
        {why: n for why, n in left_out.items() if n},
        {"taxonomy": labelled.taxonomy, **numbers.meaning},
    )


def _asked(opened: Warehouse, labelled: Labelled, config: ModerationTraining) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Say which contents labelled items are made of (record_id, target_id, prompt_id, content_id), and what these are.

    What stands for itself is its own prompt: a prompt, or a medium.
    """
    told = labelled.labels.select("record_id", "target_id").unique()
    if config.target == "media":
        alone = told.select(content_id="target_id").unique().sort("content_id")
        contents = alone.with_columns(text_id="content_id", text=pl.lit(""), media=pl.concat_list("content_id"))
        return told.with_columns(prompt_id="target_id", content_id="target_id"), contents.select(CONTENTS)
    said = read_contents(opened, told["record_id"], told["target_id"])
    content = pl.col("prompt_id" if config.target == "prompt" else "target_id")
    return told.join(said.prompts, on="record_id").with_columns(content_id=content), said.contents


def _of_modality(opened: Warehouse, asked: pl.DataFrame, config: ModerationTraining) -> pl.DataFrame:
    """Leave out answers or media of another modality, if one is named."""
    if config.modality is None:
        return asked
    table, key = ("media", "media_id") if config.target == "media" else ("responses", "response_id")
    kinds = opened.table(table).filter(pl.col("modality") == config.modality).select(key).unique().collect()
    return asked.join(kinds, left_on="target_id", right_on=key, how="semi")


def _fewer(before: pl.DataFrame, after: pl.DataFrame) -> int:
    """Count the items that are no longer there."""
    return before.select(_ITEM).unique().join(after.select(_ITEM).unique(), on=_ITEM, how="anti").height


def _with_vectors(items: pl.DataFrame, missing: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Leave out the items with a content that has no vector, and count them by reason."""
    told = items
    for column in _ITEM:
        gone = missing.rename({"content_id": column, "why": f"{column}:why"})
        told = told.join(gone, on=column, how="left", maintain_order="left")
    whys = [f"{column}:why" for column in _ITEM]
    told = told.with_columns(why=pl.coalesce(whys)).drop(whys)
    counts = told.drop_nulls("why").group_by("why").len().sort("why")
    return told.filter(pl.col("why").is_null()).drop("why"), dict(counts.iter_rows())


def _numbers(
    opened: Warehouse,
    model: Model,
    contents: pl.DataFrame,
    items: pl.DataFrame,
    config: ModerationTraining,
    tell: Tell,
) -> _Numbers:
    """Embed contents and count in them."""
    texts = hand_features(contents).to_numpy().astype(np.float32)
    has_media = pl.col("media").list.len() > 0
    if isinstance(model, Embed):
        store = Store(opened.home)
        said = contents.select(content_id="text_id", text="text").unique("content_id").sort("content_id")
        keys = embed_contents(store, model, said, lambda done, all_: tell("embedding texts", done, all_))
        vectors = Stored(store.scan(keys, "embeddings")).read_distinct(contents["text_id"])
        # Of a prompt with a medium the words are read, as for reward heads; an item must be no more than words.
        missing = contents.filter(has_media & pl.col("content_id").is_in(items["content_id"].implode()))
        missing = missing.select("content_id", why=pl.lit(NOT_TEXT))
        return _Numbers(Contents(vectors, texts), None, missing, {})
    seen = see_contents(opened, model, contents, tell)
    learnt_from = items.filter(pl.col("split") == config.train)["content_id"]
    hand = media_hand(seen.contents, measures_of(seen.contents, seen.media), learnt_from)
    of_texts = Contents(seen.of_texts, texts) if contents.select(has_media.any()).item() else None
    meaning = {"hand": hand.names, "filling": hand.filling}
    return _Numbers(Contents(seen.vectors, hand.features), of_texts, seen.missing, meaning)


def _places(items: pl.DataFrame, content_ids: pl.Series, config: ModerationTraining) -> Places:
    prompt, content = (content_ids.search_sorted(items[column]).to_numpy().astype(np.int64) for column in _ITEM)
    train, held_out, test = (
        (items["split"] == split).to_numpy() for split in (config.train, config.held_out, config.test)
    )
    return Places(prompt, content, train, held_out, test)
