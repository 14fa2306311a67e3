"""The texts of pairs: what is embedded of a shard, and by which keys the pairs that it makes up are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import polars as pl

from schemas.identity import digest
from schemas.stage import Stage

# A text without a letter or a digit says nothing that could be said in other words.
_WORD: Final = r"[\p{L}\p{N}]"
# To an encoder 67 + 67 and 77 + 67 are nearly the same; so what has other numbers is told apart by them.
_NUMBERS: Final = digest(pl.col("text").fill_null("").str.extract_all(r"\d+").list.sort().list.join(" "))
# A prompt's content has the id of a response with its text, so what has an embedding can be either.
_PROMPT_ID: Final = digest(pl.lit("response"), pl.col("text").fill_null(""))


class PairTexts(Stage):
    """Name the distinct prompts and responses of a shard's pairs, and what each pair consists of.

    Responses that are more than a text are left out.
    """

    version = 2
    reads: ClassVar = ("_judgments", "_prompts", "_contents", "records", "responses")

    def __call__(
        self,
        judgments: pl.LazyFrame,
        prompts: pl.LazyFrame,
        contents: pl.LazyFrame,
        records: pl.LazyFrame,
        responses: pl.LazyFrame,
    ) -> dict[str, pl.DataFrame]:
        """Return `_texts` and `_sides` (key, system, prompt, left, right: keys).

        `_texts` has kind, key, content_id, has_words, and numbers: a digest of the numbers in the text.
        """
        judged = judgments.select("record_id", "pair_key", "left", "right").unique().collect()
        asked = prompts.select("record_id", "system_key", "prompt_key").collect()
        asked = asked.join(judged.select("record_id").unique(), on="record_id", how="semi")
        said = records.select("record_id", text="prompt_text").collect().join(asked, on="record_id")
        answers = pl.concat([judged["left"], judged["right"]]).unique().to_frame("response_id")
        keys = contents.select("response_id", "content_key", "has_media").unique("response_id").collect()
        alone = keys.filter(~pl.col("has_media")).select("response_id", "content_key")
        answered = responses.select("response_id", "text").unique("response_id").collect()
        answered = answered.drop_nulls("text").join(answers, on="response_id", how="semi").join(alone, on="response_id")
        return {
            "_texts": pl.concat(
                [
                    _named(said, "prompt", pl.col("prompt_key"), _PROMPT_ID),
                    _named(answered, "response", pl.col("content_key"), pl.col("response_id")),
                ]
            ),
            "_sides": _sides(judged, asked, keys),
        }


def contents_of_shard(records: pl.LazyFrame, responses: pl.LazyFrame, wanted: Sequence[str]) -> pl.DataFrame:
    """Read the texts of these contents, each once: `content_id` and `text`, by id."""
    known = pl.DataFrame({"content_id": wanted}, schema={"content_id": pl.String})
    asked = records.select(text=pl.col("prompt_text").fill_null("")).with_columns(content_id=_PROMPT_ID).collect()
    answered = responses.select("text", content_id="response_id").drop_nulls("text").collect()
    both = [each.select("content_id", "text").join(known, on="content_id", how="semi") for each in (asked, answered)]
    return pl.concat(both).unique("content_id").sort("content_id")


def _named(texts: pl.DataFrame, kind: str, key: pl.Expr, content_id: pl.Expr) -> pl.DataFrame:
    named = texts.select(
        kind=pl.lit(kind), key=key, content_id=content_id,
        has_words=pl.col("text").fill_null("").str.contains(_WORD), numbers=_NUMBERS,
    )  # fmt: skip
    return named.unique().sort("key", "content_id")


def _sides(judged: pl.DataFrame, asked: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    return (
        judged.unique("pair_key")
        .join(asked, on="record_id")
        .join(keys, left_on="left", right_on="response_id")
        .join(keys, left_on="right", right_on="response_id", suffix="_right")
        .select(key="pair_key", system="system_key", prompt="prompt_key", left="content_key", right="content_key_right")
        .sort("key")
    )
