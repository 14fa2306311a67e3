"""Prompts and answers as what they are made of: a text, and media in their order."""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from schemas.identity import digest
from training.data import Candidates
from warehouse.database import Warehouse

CONTENTS: Final = ("content_id", "text_id", "text", "media")


class Said(NamedTuple):
    """The prompt's content of each record (record_id, prompt_id), and all contents (the columns of `CONTENTS`)."""

    prompts: pl.DataFrame
    contents: pl.DataFrame


def read_contents(opened: Warehouse, record_ids: pl.Series, response_ids: pl.Series) -> Said:
    """Read the prompts of these records and these responses, each content once, by id.

    `text_id` is what the text's vector is stored under: the id of a response with this text, or of the answer itself.
    A prompt's content is its text and its media; that of a text alone has the id of a response with the text.
    """
    records = _only(opened.table("records"), "record_id", record_ids).select("record_id", text="prompt_text")
    asked = (
        records.unique("record_id")
        .join(_media(opened, "prompt", record_ids), left_on="record_id", right_on="target_id", how="left")
        .with_columns(pl.col("text").fill_null(""), pl.col("media").fill_null([]))
        .with_columns(text_id=digest(pl.lit("response"), "text"))
        .with_columns(
            content_id=pl.when(pl.col("media").list.len() == 0)
            .then("text_id")
            .otherwise(digest(pl.lit("prompt"), "text", pl.col("media").list.join(" ")))
        )
    ).collect()
    answers = _only(opened.table("responses"), "response_id", response_ids)
    answered = (
        answers.select(content_id="response_id", text_id="response_id", text="text")
        .unique("content_id")
        .join(_media(opened, "response", response_ids), left_on="content_id", right_on="target_id", how="left")
        .with_columns(pl.col("text").fill_null(""), pl.col("media").fill_null([]))
    ).collect()
    both = pl.concat([each.select(CONTENTS) for each in (answered, asked)])
    prompts = asked.select("record_id", prompt_id="content_id")
    return Said(prompts, both.unique("content_id", keep="first", maintain_order=True).sort("content_id"))


def media_among(pairs: pl.DataFrame, said: Said, lengths: pl.DataFrame, missing: pl.DataFrame) -> Candidates:
    """Give `pairs` their `prompt_id` and the lengths of their answers; leave out those with a content that is missing.

    `lengths` says of contents how long they are (content_id, length), `missing` which have no vector, and why
    (content_id, why).
    """
    asked = pairs.join(said.prompts, on="record_id", how="left", maintain_order="left")
    whys = []
    for part in ("prompt", "chosen", "rejected"):
        gone = missing.rename({"content_id": f"{part}_id", "why": f"{part}_why"})
        asked = asked.join(gone, on=f"{part}_id", how="left", maintain_order="left")
        whys.append(f"{part}_why")
    for side in ("chosen", "rejected"):
        long = lengths.rename({"content_id": f"{side}_id", "length": f"{side}_length"})
        asked = asked.join(long, on=f"{side}_id", how="left", maintain_order="left")
    told = asked.with_columns(why=pl.coalesce(whys)).drop(whys)
    counts = told.drop_nulls("why").group_by("why").len().sort("why")
    return Candidates(told.filter(pl.col("why").is_null()).drop("why"), dict(counts.iter_rows()))


def _only(table: pl.LazyFrame, column: str, ids: pl.Series) -> pl.LazyFrame:
    return table.join(ids.unique().alias(column).to_frame().lazy(), on=column, how="semi")


def _media(opened: Warehouse, target: str, ids: pl.Series) -> pl.LazyFrame:
    """List the media of prompts or responses in their order (target_id, media)."""
    attached = opened.table("attachments").filter((pl.col("target") == target) & (pl.col("role") == "content"))
    # One response may stand in several records.
    once = _only(attached, "target_id", ids).select("target_id", "index", "media_id").unique().drop_nulls()
    return once.sort("target_id", "index", "media_id").group_by("target_id").agg(media=pl.col("media_id"))
