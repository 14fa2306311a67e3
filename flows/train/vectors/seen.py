"""Contents with media as vectors of one space: each medium and each text is embedded once for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from flows.embed.contents import embed_contents
from flows.embed.media_models import texts_beside
from flows.media.passes import missing_passes, passed_keys
from flows.media.sight import limits_of
from schemas.plan.plan import Plan
from tasks.embed.image_text.media import EmbedMedia
from tasks.embed.stored import Stored
from training.head.design import Floats
from warehouse.database import Warehouse
from warehouse.store import Store

UNREAD: Final = "a medium of it could not be read"
UNHEARD: Final = "a sound of it has no transcript: say models.speech in the plan"


class Seen(NamedTuple):
    """Contents, row by row: their vectors (n, d) of length 1, and those of their texts alone.

    `contents` are as they were given, with the transcripts of their sounds in `text`; `media` are the rows of `media`
    and `media_metrics` about their media; `missing` says which have no vector and why (content_id, why). A content
    without a part, such as a blank prompt, is a vector of zeros.
    """

    contents: pl.DataFrame
    vectors: Floats
    of_texts: Floats
    media: pl.DataFrame
    missing: pl.DataFrame


def see_contents(
    opened: Warehouse, model: EmbedMedia, contents: pl.DataFrame, tell: Callable[[str, int, int], None]
) -> Seen:
    """Embed what `model` has not seen yet of `contents` (content_id, text_id, text, media), and put it together.

    A content is the mean of its parts, of length 1 again: its text, its pictures and videos, and what was written down
    of its sounds. `tell` hears how far the work is.
    """
    store, rows = Store(opened.home), contents.with_row_index("row")
    attached = rows.select("row", media_id="media").explode("media_id", keep_nulls=False, empty_as_null=False)
    media = _described(opened, attached["media_id"].unique())
    written = rows.filter(pl.col("text").str.strip_chars() != "")
    of_texts = _Part(written["row"], _texts(store, model, written, tell))
    parts = [of_texts, _pictures(opened, store, model, attached, media, tell), _sounds(model, attached, media)]
    width = max(part.vectors.shape[1] for part in parts)
    has_vector = pl.Series(np.concatenate([part.media for part in parts[1:]]), dtype=pl.String)
    return Seen(
        contents=_with_transcripts(rows, attached, media),
        vectors=_mean(parts, contents.height, width),
        of_texts=_mean([of_texts], contents.height, width),
        media=media,
        missing=_missing(rows, attached.filter(~pl.col("media_id").is_in(has_vector.implode())), media),
    )


class _Part(NamedTuple):
    """Vectors (k, d), of which contents (rows) they are a part, and which media they are of."""

    rows: pl.Series
    vectors: Floats
    media: pl.Series = pl.Series(dtype=pl.String)


def _described(opened: Warehouse, media_ids: pl.Series) -> pl.DataFrame:
    """Read what is known of these media, with what was written down of them in `transcript`."""
    wanted = media_ids.alias("media_id").to_frame().lazy()
    heard = opened.table("transcripts").select("media_id", transcript="text").sort("transcript").unique("media_id")
    return (
        wanted.join(opened.table("media").unique("media_id"), on="media_id", how="left")
        .join(opened.table("media_metrics").unique("media_id"), on="media_id", how="left")
        .join(heard.filter(pl.col("transcript").str.strip_chars() != ""), on="media_id", how="left")
        .sort("media_id")
        .collect()
    )


def _texts(store: Store, model: EmbedMedia, written: pl.DataFrame, tell: Callable[[str, int, int], None]) -> Floats:
    said = texts_beside(model)
    distinct = written.select(content_id="text_id", text="text").unique("content_id").sort("content_id")
    keys = embed_contents(store, said, distinct, lambda done, all_: tell("embedding texts", done, all_))
    return Stored(store.scan(keys, "embeddings")).read_distinct(written["text_id"])


def _pictures(
    opened: Warehouse,
    store: Store,
    model: EmbedMedia,
    attached: pl.DataFrame,
    media: pl.DataFrame,
    tell: Callable[[str, int, int], None],
) -> _Part:
    """Show the model what can be seen and was not shown to it yet."""
    good = media.filter(pl.col("error").is_null() & pl.col("modality").is_in(["image", "video"]))
    digests = good["sha256"].drop_nulls()
    limits = limits_of(Plan.model_validate_json(opened.snapshot.plan))
    steps = missing_passes(store, model, limits, digests)
    for at, step in enumerate(steps):
        step.perform(store)
        tell("embedding media", at + 1, len(steps))
    shown = attached.join(good, on="media_id", how="semi", maintain_order="left")
    vectors = Stored(store.scan(passed_keys(store, model, digests), "embeddings")).read_distinct(shown["media_id"])
    return _known(shown, vectors)


def _sounds(model: EmbedMedia, attached: pl.DataFrame, media: pl.DataFrame) -> _Part:
    """Embed what was written down of sounds. It is not stored: another model of speech would write something else."""
    heard = media.filter((pl.col("modality") == "audio") & pl.col("transcript").is_not_null())
    if heard.is_empty():
        return _Part(pl.Series(dtype=pl.UInt32), np.zeros((0, 1), np.float32))
    vectors = texts_beside(model).encoder().encode_texts(heard["transcript"].to_list(), model.batch)
    said = attached.join(heard.select("media_id").with_row_index("at"), on="media_id", maintain_order="left")
    return _known(said, vectors[said["at"].to_numpy()])


def _known(shown: pl.DataFrame, vectors: Floats) -> _Part:
    """Take those that have a vector: one of zeros stands for none."""
    has_one = np.any(vectors != 0, axis=1)
    known = shown.filter(pl.Series(has_one, dtype=pl.Boolean))
    return _Part(known["row"], vectors[has_one], known["media_id"])


def _mean(parts: list[_Part], rows: int, width: int) -> Floats:
    sums = np.zeros((rows, width))
    for part in parts:
        if len(part.rows):
            np.add.at(sums, part.rows.to_numpy(), part.vectors)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means: Floats = (sums / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return means


def _with_transcripts(rows: pl.DataFrame, attached: pl.DataFrame, media: pl.DataFrame) -> pl.DataFrame:
    """Put what was written down of a content's sounds behind its text."""
    heard = media.filter(pl.col("modality") == "audio").select("media_id", "transcript").drop_nulls()
    said = attached.join(heard, on="media_id", maintain_order="left").group_by("row", maintain_order=True)
    spoken = said.agg(spoken=pl.col("transcript").str.join("\n"))
    together = pl.concat_str("text", "spoken", separator="\n", ignore_nulls=True).str.strip_chars("\n")
    told = rows.join(spoken, on="row", how="left", maintain_order="left")
    has_one = pl.col("spoken").is_not_null()
    return told.with_columns(text=pl.when(has_one).then(together).otherwise("text")).drop("row", "spoken")


def _missing(rows: pl.DataFrame, gone: pl.DataFrame, media: pl.DataFrame) -> pl.DataFrame:
    """Say which contents have a medium without a vector, and why."""
    is_sound = (pl.col("modality") == "audio") & pl.col("error").is_null()
    why = pl.when(is_sound).then(pl.lit(UNHEARD)).otherwise(pl.lit(UNREAD))
    told = gone.join(media.select("media_id", why=why), on="media_id").group_by("row").agg(pl.col("why").min())
    return told.join(rows, on="row").select("content_id", "why").sort("content_id")
