"""The texts behind the keys: prompts with the earlier prompts they continue, and responses."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.text import fold, prefixes
from tasks.slices import rows_of

TEXTS = pl.Schema({"key": pl.String, "text": pl.String})


def first_of_each(
    keyed: pl.LazyFrame, column: str, wanted: pl.Series | None, explode: Sequence[str] = ()
) -> pl.DataFrame:
    """Read the first row of each value of `column`; the rest is as for `rows_of`."""
    return rows_of(keyed, column, wanted, explode).filter(pl.col(column).is_first_distinct())


def prompt_texts(prompts: pl.LazyFrame, records: pl.LazyFrame, wanted: pl.Series | None = None) -> pl.DataFrame:
    """Return every prompt once, those that conversations continue too: `key` and `text`, folded.

    With `wanted`, only prompts with these keys are read.
    """
    own = first_of_each(prompts.select("record_id", key="prompt_key"), "key", wanted)
    asked = rows_of(records.select("record_id", text="prompt_text"), "record_id", own["record_id"])
    known = own.join(asked, on="record_id").select("key", "text")
    return _once(pl.concat([known, _earlier(prompts, records, wanted)]))


def response_texts(contents: pl.LazyFrame, responses: pl.LazyFrame, wanted: pl.Series | None = None) -> pl.DataFrame:
    """Return every response that is only a text once: `key` and `text`, folded. `wanted` is as for `prompt_texts`."""
    alone = contents.filter(~pl.col("has_media"))
    keyed = first_of_each(alone.select("response_id", key="content_key"), "key", wanted)
    texts = rows_of(responses.select("response_id", "text"), "response_id", keyed["response_id"])
    said = texts.filter(pl.col("text").is_not_null() & pl.col("response_id").is_first_distinct())
    return _once(keyed.join(said, on="response_id").select("key", "text"))


def beside_media(prompts: pl.LazyFrame) -> pl.DataFrame:
    """Return the keys of prompts beside whose words stands a picture or a sound: the words alone tell little."""
    return prompts.filter("has_media").select(key="prompt_key").unique().collect()


def _earlier(prompts: pl.LazyFrame, records: pl.LazyFrame, wanted: pl.Series | None) -> pl.DataFrame:
    """Write the earlier prompts of conversations again and put each beside its key, which lie in the same order."""
    keys = pl.col("prefix_keys")
    talks = prompts.select("record_id", key=keys, nth=pl.int_ranges(keys.list.len()))
    needed = first_of_each(talks, "key", wanted, explode=["key", "nth"])
    if needed.is_empty():
        return TEXTS.to_frame()
    said = rows_of(records.select("record_id", messages="prompt_messages"), "record_id", needed["record_id"])
    texts = prefixes(said).with_columns(nth=pl.int_range(pl.len()).over("record_id"))
    return needed.join(texts, on=["record_id", "nth"]).select("key", "text")


def _once(found: pl.DataFrame) -> pl.DataFrame:
    distinct = found.filter(pl.col("key").is_first_distinct())
    return distinct.with_columns(fold(distinct["text"]))
