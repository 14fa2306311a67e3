"""Measure the prompt and both answers of every pair of a shard, as far as somebody names the metrics made of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import polars as pl

from schemas.errors import Terminal
from schemas.stage import Stage
from tasks.measure.text.language import detect
from tasks.measure.text.lengths import chars, lines, words
from tasks.measure.text.markup import code_share, markdown_share, urls
from tasks.measure.text.ngrams import prompt_overlap, repetition
from tasks.measure.text.phrases import is_refusal, toxic_words
from tasks.measure.text.privacy import credit_cards, emails, ibans, ip_addresses, phones, pii
from tasks.measure.text.readability import readability
from tasks.measure.text.tokens import tokens

OF_A_TEXT: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "chars": chars,
    "words": words,
    "lines": lines,
    "repetition": repetition,
    "readability": readability,
    "markdown_share": markdown_share,
    "code_share": code_share,
    "is_refusal": is_refusal,
    "toxic_words": toxic_words,
    "urls": urls,
    "pii": pii,
    "emails": emails,
    "phones": phones,
    "ip_addresses": ip_addresses,
    "credit_cards": credit_cards,
    "ibans": ibans,
}
# These two come out of one look at the text.
OF_ITS_LANGUAGE = ("language", "language_confidence")


class Measure(Stage):
    """Look at each text once: the measures `prompts` of prompts and `answers` of answers, and whether it is blank.

    `tokenizer` holds one row with the content of a `tokenizer.json`; only `tokens` needs it.
    """

    version = 3
    reads: ClassVar = ("_judgments", "records", "responses")
    prompts: list[str]
    answers: list[str]

    def __call__(
        self,
        judgments: pl.LazyFrame,
        records: pl.LazyFrame,
        responses: pl.LazyFrame,
        tokenizer: pl.LazyFrame | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Return `_measures`: by pair (pair_id, pair_key), the numbers of its prompt and of its left and right answer.

        Raises Terminal if tokens are asked for without a tokenizer.
        """
        known = OF_A_TEXT | _of_a_tokenizer(tokenizer)
        prompts = records.select(key="record_id", text="prompt_text").collect()
        # Equal texts have equal ids, whichever record they belong to.
        answers = responses.select(key="response_id", text="text").filter(pl.col("key").is_first_distinct()).collect()
        distinct = judgments.filter(pl.col("pair_id").is_first_distinct())
        pairs = distinct.select("pair_id", "pair_key", "record_id", "left", "right")
        measured = pairs.collect()
        if "prompt_overlap" in self.answers:
            measured = _with_overlap(measured, prompts, answers)
        of_prompts = _measure_each(prompts, self.prompts, known)
        of_answers = _measure(answers, self.answers, known)
        for part, key, numbers in (
            ("prompt", "record_id", of_prompts),
            ("left", "left", of_answers),
            ("right", "right", of_answers),
        ):
            named = numbers.rename({name: f"{part}_{name}" for name in numbers.columns if name != "key"})
            measured = measured.join(named, left_on=key, right_on="key")
        return {"_measures": measured.drop("record_id", "left", "right")}


def _of_a_tokenizer(tokenizer: pl.LazyFrame | None) -> dict[str, Callable[[pl.Expr], pl.Expr]]:
    if tokenizer is None:
        return {}
    return {"tokens": partial(tokens, tokenizer=tokenizer.collect()["content"].item())}


def _measure_each(
    texts: pl.DataFrame, names: list[str], known: dict[str, Callable[[pl.Expr], pl.Expr]]
) -> pl.DataFrame:
    """Measure texts that may be equal under different keys, each distinct one once."""
    distinct = texts.select("text").unique().with_columns(key="text")
    numbers = _measure(distinct, names, known).rename({"key": "text"})
    return texts.join(numbers, on="text", how="left", nulls_equal=True).drop("text")


def _measure(texts: pl.DataFrame, names: list[str], known: dict[str, Callable[[pl.Expr], pl.Expr]]) -> pl.DataFrame:
    text = pl.col("text")
    detected = [name for name in names if name in OF_ITS_LANGUAGE]
    others = [name for name in names if name not in (*OF_ITS_LANGUAGE, "prompt_overlap")]
    if "tokens" in names and "tokens" not in known:
        raise Terminal("tokens cannot be counted without a tokenizer: name one under models.tokenizer in the plan")
    columns = [
        pl.col("key"),
        (text.str.strip_chars().str.len_bytes() == 0).alias("is_blank"),
        *[known[name](text).alias(name) for name in others],
        *([detect(text).alias("detected")] if detected else []),
    ]
    numbers = texts.select(columns)
    if detected:
        found = [pl.col("detected").struct.field(name) for name in detected]
        numbers = numbers.with_columns(found).drop("detected")
    return numbers


def _with_overlap(pairs: pl.DataFrame, prompts: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Set both answers of each pair against its prompt; an answer is looked at once for each record that holds it."""
    sides = [pairs.select("record_id", answer=side) for side in ("left", "right")]
    asked = (
        pl.concat(sides)
        .unique()
        .join(prompts, left_on="record_id", right_on="key")
        .join(answers, left_on="answer", right_on="key", suffix="_answer")
    )
    shares = asked.select("record_id", "answer", share=prompt_overlap(pl.col("text"), pl.col("text_answer")))
    for side in ("left", "right"):
        named = shares.rename({"answer": side, "share": f"{side}_prompt_overlap"})
        pairs = pairs.join(named, on=["record_id", side], how="left")
    return pairs
