"""The texts behind the keys: prompts with the earlier prompts they continue, and responses."""

from __future__ import annotations

import polars as pl

from schemas.text import fold, prefixes

TEXTS = pl.Schema({"key": pl.String, "text": pl.String})


def rows_of(table: pl.LazyFrame, column: str, wanted: pl.Series) -> pl.DataFrame:
    """Read the rows of a table whose `column` is wanted, as a stream: memory grows with what is wanted only."""
    known = wanted.alias(column).to_frame().unique()
    found = table.join(known.lazy(), on=column, how="semi")
    return pl.concat([found.clear().collect(), *map(_compact, found.collect_batches(engine="streaming"))])


def _compact(rows: pl.DataFrame) -> pl.DataFrame:
    """Copy the texts: those of a filtered frame hold on to all the texts that they were filtered from."""
    return pl.DataFrame(rows.to_arrow(compat_level=pl.CompatLevel.oldest()), schema=rows.schema)


def first_of_each(keyed: pl.LazyFrame, column: str, wanted: pl.Series | None) -> pl.DataFrame:
    """Read the first row of each value of `column`, with `wanted` only of these values."""
    rows = keyed.collect() if wanted is None else rows_of(keyed, column, wanted)
    return rows.filter(pl.col(column).is_first_distinct())


def prompt_texts(prompts: pl.LazyFrame, records: pl.LazyFrame, wanted: pl.Series | None = None) -> pl.DataFrame:
    """Return every prompt once, those that conversations continue too: `key` and `text`, folded.

    With `wanted`, only prompts with these keys are read.
    """
    own = first_of_each(prompts.select("record_id", key="prompt_key"), "key", wanted)
    asked = rows_of(records.select("record_id", text="prompt_text"), "record_id", own["record_id"])
    known = own.join(asked, on="record_id").select("key", "text")
    return _once(pl.concat([known, _earlier(prompts, records, wanted)]))


def response_texts(contents: pl.LazyFrame, responses: pl.LazyFrame, wanted: pl.Series | None = None) -> pl.DataFrame:
    """Return every response that is a text once: `key` and `text`, folded. `wanted` is as for `prompt_texts`."""
    keyed = first_of_each(contents.select("response_id", key="content_key"), "key", wanted)
    texts = responses.select("response_id", "text").filter(pl.col("text").is_not_null())
    said = first_of_each(texts, "response_id", keyed["response_id"])
    return _once(keyed.join(said, on="response_id").select("key", "text"))


def _earlier(prompts: pl.LazyFrame, records: pl.LazyFrame, wanted: pl.Series | None) -> pl.DataFrame:
    """Write the earlier prompts of conversations again and put each beside its key, which lie in the same order."""
    talks = prompts.select("record_id", key="prefix_keys").filter(pl.col("key").list.len() > 0)
    keys = talks.explode("key", empty_as_null=False, keep_nulls=False).with_columns(
        nth=pl.int_range(pl.len()).over("record_id")
    )
    needed = first_of_each(keys, "key", wanted)
    if needed.is_empty():
        return TEXTS.to_frame()
    said = rows_of(records.select("record_id", messages="prompt_messages"), "record_id", needed["record_id"])
    nth = pl.int_range(pl.len()).over("record_id")
    texts = prefixes(said).with_columns(nth=nth)
    return needed.join(texts, on=["record_id", "nth"]).select("key", "text")


def _once(found: pl.DataFrame) -> pl.DataFrame:
    distinct = found.filter(pl.col("key").is_first_distinct())
    return distinct.with_columns(fold(distinct["text"]))
