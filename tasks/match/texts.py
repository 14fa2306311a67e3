"""The texts behind the keys: prompts with the earlier prompts they continue, and responses."""

from __future__ import annotations

import polars as pl

from schemas.text import fold, prefixes

TEXTS = pl.Schema({"key": pl.String, "text": pl.String})


def prompt_texts(prompts: pl.LazyFrame, records: pl.LazyFrame, wanted: pl.Series | None = None) -> pl.DataFrame:
    """Return every prompt once, those that conversations continue too: `key` and `text`, folded.

    With `wanted`, only prompts with these keys are read.
    """
    own = prompts.select("record_id", key="prompt_key").filter(pl.col("key").is_first_distinct())
    asked = records.select("record_id", text="prompt_text")
    known = _only(own, wanted).join(asked, on="record_id").select("key", "text").collect()
    return _once(pl.concat([known, _earlier(prompts, records, wanted)]))


def response_texts(contents: pl.LazyFrame, responses: pl.LazyFrame, wanted: pl.Series | None = None) -> pl.DataFrame:
    """Return every response that is a text once: `key` and `text`, folded. `wanted` is as for `prompt_texts`."""
    keyed = contents.select("response_id", key="content_key").filter(pl.col("key").is_first_distinct())
    texts = responses.select("response_id", "text").filter(pl.col("text").is_not_null())
    distinct = texts.filter(pl.col("response_id").is_first_distinct())
    return _once(_only(keyed, wanted).join(distinct, on="response_id").select("key", "text").collect())


def _earlier(prompts: pl.LazyFrame, records: pl.LazyFrame, wanted: pl.Series | None) -> pl.DataFrame:
    """Write the earlier prompts of conversations again and put each beside its key, which lie in the same order."""
    talks = prompts.select("record_id", key="prefix_keys").filter(pl.col("key").list.len() > 0)
    keys = talks.explode("key", empty_as_null=False, keep_nulls=False).with_columns(
        nth=pl.int_range(pl.len()).over("record_id")
    )
    needed = _only(keys.filter(pl.col("key").is_first_distinct()), wanted).collect()
    if needed.is_empty():
        return TEXTS.to_frame()
    said = records.select("record_id", messages="prompt_messages")
    texts = prefixes(said.join(needed.lazy().select("record_id"), on="record_id", how="semi").collect())
    nth = pl.int_range(pl.len()).over("record_id")
    return needed.join(texts.with_columns(nth=nth), on=["record_id", "nth"]).select("key", "text")


def _only(keyed: pl.LazyFrame, wanted: pl.Series | None) -> pl.LazyFrame:
    return keyed if wanted is None else keyed.join(wanted.to_frame("key").lazy(), on="key", how="semi")


def _once(found: pl.DataFrame) -> pl.DataFrame:
    distinct = found.filter(pl.col("key").is_first_distinct())
    return distinct.with_columns(fold(distinct["text"]))
