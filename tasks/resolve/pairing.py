"""Pairing: every judgment of a shard is put on the key of its pair, whichever way round the source wrote it."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl

from schemas.identity import digest
from schemas.stage import Stage
from schemas.text import normalise, prefixes
from tasks.resolve.judgments import RankingPairs, from_comparisons, from_rankings, from_ratings

Kind = Literal["comparisons", "rankings", "ratings"]


class Pairing(Stage):
    """Give each record the keys of its prompt, each response the key of its content, each judgment the key of its pair.

    Two texts that are equal in normal form (`schemas.text`) have one key, but a blank prompt, which asks nothing, has
    one of its own in every record: `answer_keys` then hold what ties such records together. A pair's key is made of
    the prompt, the system message and the two responses in the order of their keys, so a pair and its mirror image are
    the same pair. What stands beside a text, a picture or a sound, belongs to it: the same words beside another picture
    are another prompt, and `system_key`, which tells apart what texts alone would not, knows the media too. Of several
    kinds of judgment that a record holds for one dimension, the first in `kinds` is used. `shard` is noted on every
    judgment, so that later stages can hand their results back shard by shard.
    """

    version = 4
    reads: ClassVar = ("records", "responses", "attachments", "comparisons", "rankings", "ratings")
    shard: str
    kinds: list[Kind] = ["comparisons", "rankings", "ratings"]
    ranking_pairs: RankingPairs = "all"

    def __call__(
        self,
        records: pl.LazyFrame,
        responses: pl.LazyFrame,
        attachments: pl.LazyFrame,
        comparisons: pl.LazyFrame,
        rankings: pl.LazyFrame,
        ratings: pl.LazyFrame,
    ) -> dict[str, pl.DataFrame]:
        """Return `_prompts` (keys of prompts), `_contents` (keys of contents) and `_judgments` (keys of pairs)."""
        media = _media(attachments)
        keyed_records = _key_records(records, media)
        keyed_responses = _key_responses(responses, media)
        readers = {
            "comparisons": lambda: from_comparisons(comparisons.collect()),
            "rankings": lambda: from_rankings(rankings.collect(), keyed_responses, self.ranking_pairs),
            "ratings": lambda: from_ratings(ratings.collect(), keyed_responses, self.ranking_pairs),
        }
        found = pl.concat([readers[kind]().with_columns(trust=pl.lit(at)) for at, kind in enumerate(self.kinds)])
        trusted = found.filter(pl.col("trust") == pl.col("trust").min().over("record_id", "dimension"))
        judged = _key_judgments(trusted.drop("trust"), keyed_records, keyed_responses)
        counts = _count_judgments(comparisons, rankings, ratings)
        return {
            "_prompts": _with_answers(keyed_records, keyed_responses)
            .join(counts, on="record_id", how="left")
            .with_columns(pl.col("judgments").fill_null(0))
            .drop("is_blank"),
            "_contents": keyed_responses,
            "_judgments": judged.with_columns(shard=pl.lit(self.shard)),
        }


def _media(attachments: pl.LazyFrame) -> pl.DataFrame:
    """Name all that stands beside a prompt or a response, in its order, masks included."""
    said = attachments.select("target", "target_id", "role", "index", "media_id").unique().collect()
    ordered = said.sort("target", "target_id", "role", "index")
    return ordered.group_by("target", "target_id").agg(media=pl.col("media_id").str.join(","))


def _beside(texts: pl.DataFrame, key: str, target: str, media: pl.DataFrame) -> pl.DataFrame:
    named = media.filter(pl.col("target") == target).select("media", pl.col("target_id").alias(key))
    return texts.join(named, on=key, how="left", maintain_order="left")


def _key_records(records: pl.LazyFrame, media: pl.DataFrame) -> pl.DataFrame:
    known = records.select(
        "record_id", "source", "prompt_text", "prompt_messages", "system", "response_count", "conversation_id",
        "evaluation_only",
    ).collect()  # fmt: skip
    known = _beside(known, "record_id", "prompt", media)
    keyed = known.with_columns(prompt_normal=normalise(known["prompt_text"]), system_normal=normalise(known["system"]))
    is_blank = (pl.col("prompt_normal").fill_null("") == "") & pl.col("media").is_null()
    has_media = known["media"].null_count() < known.height
    return (
        keyed.with_columns(
            is_blank=is_blank,
            prompt_key=pl.when(is_blank)
            .then(digest(pl.lit("blank"), "record_id"))
            .otherwise(_key(pl.lit("prompt"), "prompt_normal", has_media=has_media)),
            prompt_exact=_key(pl.lit("exact"), "prompt_text", "system", has_media=has_media),
            system_key=_key(pl.lit("system"), "system_normal", has_media=has_media),
            question_key=_key(pl.lit("question"), "prompt_normal", "system_normal", has_media=has_media),
            has_media=pl.col("media").is_not_null(),
        )
        .join(_key_prefixes(known), on="record_id", how="left")
        .drop("prompt_text", "prompt_messages", "system", "prompt_normal", "system_normal", "media")
    )


def _key(*parts: str | pl.Expr, has_media: bool) -> pl.Expr:
    """Digest a text and what stands beside it; where nothing does, the text alone makes the key."""
    bare = digest(*parts)
    return pl.when(pl.col("media").is_null()).then(bare).otherwise(digest(*parts, "media")) if has_media else bare


def _with_answers(records: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    """List, for each record with a blank prompt, the keys of its responses."""
    blank = records.filter("is_blank").select("record_id")
    keys = responses.join(blank, on="record_id", how="semi").group_by("record_id").agg(answer_keys="content_key")
    return records.join(keys, on="record_id", how="left")


def _key_prefixes(records: pl.DataFrame) -> pl.DataFrame:
    """List, for each conversation of several turns, the keys of the earlier prompts that it continues."""
    texts = prefixes(records.select("record_id", messages="prompt_messages"))
    return (
        texts.with_columns(normal=normalise(texts["text"]))
        .with_columns(prefix_key=digest(pl.lit("prompt"), "normal"))
        .group_by("record_id", maintain_order=True)
        .agg(prefix_keys="prefix_key")
    )


def _key_responses(responses: pl.LazyFrame, media: pl.DataFrame) -> pl.DataFrame:
    known = responses.select("record_id", "response_id", "index", "text").collect()
    known = _beside(known, "response_id", "response", media)
    has_media = known["media"].null_count() < known.height
    return (
        known.with_columns(normal=normalise(known["text"]))
        .with_columns(content_key=_key(pl.lit("response"), "normal", has_media=has_media))
        .select(
            "record_id", "response_id", "index", "content_key",
            chars=pl.col("text").str.len_chars(), has_media=pl.col("media").is_not_null(),
        )
    )  # fmt: skip


def _key_judgments(found: pl.DataFrame, records: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    # Equal texts have equal ids, whichever record they belong to.
    contents = responses.select("response_id", "content_key", "chars").filter(pl.col("response_id").is_first_distinct())
    keyed = (
        found.join(
            records.select("record_id", "source", "prompt_exact", "question_key", "evaluation_only"), on="record_id"
        )
        .join(contents, left_on="a", right_on="response_id")
        .join(contents, left_on="b", right_on="response_id", suffix="_b")
    )
    # Answers that differ only in case or white space share a content key; their exact ids then tell them apart.
    is_same = pl.col("content_key") == pl.col("content_key_b")
    key_a = pl.when(is_same).then("a").otherwise("content_key")
    key_b = pl.when(is_same).then("b").otherwise("content_key_b")
    first, second = pl.min_horizontal(key_a, key_b), pl.max_horizontal(key_a, key_b)
    a_is_left = key_a <= key_b
    return keyed.select(
        "judgment_id", "record_id", "source", "dimension", "annotator_id", "outcome", "evaluation_only",
        pair_key=digest(pl.lit("pair"), "question_key", first, second),
        left=pl.when(a_is_left).then("a").otherwise("b"),
        right=pl.when(a_is_left).then("b").otherwise("a"),
        content=digest(pl.lit("exact"), "prompt_exact", pl.min_horizontal("a", "b"), pl.max_horizontal("a", "b")),
        is_same_normalised=is_same,
        a_is_left=a_is_left,
        a_is_longer=pl.when(pl.col("chars") != pl.col("chars_b")).then(pl.col("chars") > pl.col("chars_b")),
        votes_left=pl.when(a_is_left).then("votes_a").otherwise("votes_b"),
        votes_right=pl.when(a_is_left).then("votes_b").otherwise("votes_a"),
        votes_tie="votes_tie",
        votes_bad="votes_bad",
        strength=pl.when(a_is_left).then(pl.col("strength")).otherwise(-pl.col("strength")),
    ).with_columns(pair_id=digest("record_id", "pair_key", "dimension"))  # fmt: skip


def _count_judgments(*kinds: pl.LazyFrame) -> pl.DataFrame:
    """Count what the source says about each record, usable or not."""
    said = pl.concat([kind.select("record_id") for kind in kinds])
    return said.group_by("record_id").agg(judgments=pl.len().cast(pl.Int64)).collect()
