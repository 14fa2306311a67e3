"""Shares of word n-grams: those that repeat themselves, and those that the prompt holds already.

A word is a run of letters or digits, or one character of a script that puts no spaces between words. Case is ignored.
"""

from __future__ import annotations

import polars as pl

_NO_SPACES = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = rf"[{_NO_SPACES}]|[\p{{L}}\p{{N}}--[{_NO_SPACES}]]+"
# Texts at a time: n-grams take many times the memory of the texts.
_SLICE = 20_000
_BASE = 0x9E3779B97F4A7C15


def repetition(text: pl.Expr) -> pl.Expr:
    """Return seq-rep-4, one minus distinct by all 4-grams (Welleck et al. 2020); null where a text has no 4-gram."""
    return text.map_batches(_repetition, return_dtype=pl.Float64, is_elementwise=True)


def prompt_overlap(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Return the share of the answer's 3-grams that its prompt holds; null where the answer has no 3-gram.

    It is one minus the share of novel n-grams (See et al. 2017), and one where an answer only repeats its prompt.
    """
    both = pl.struct(prompt=prompt, answer=answer)
    return both.map_batches(_prompt_overlap, return_dtype=pl.Float64, is_elementwise=True)


def _repetition(texts: pl.Series) -> pl.Series:
    shares = [pl.Series(dtype=pl.Float64)]
    for part in texts.to_frame("text").iter_slices(_SLICE):
        counted = _ngrams(part["text"], 4).group_by("at").agg(share=1.0 - pl.col("gram").n_unique() / pl.len())
        shares.append(_by_place(counted, part.height))
    return pl.concat(shares).alias(texts.name)


def _prompt_overlap(pairs: pl.Series) -> pl.Series:
    shares = [pl.Series(dtype=pl.Float64)]
    for part in pairs.struct.unnest().iter_slices(_SLICE):
        said = _ngrams(part["prompt"], 3).unique().with_columns(is_known=pl.lit(value=True))
        found = _ngrams(part["answer"], 3).join(said, on=["at", "gram"], how="left")
        counted = found.group_by("at").agg(share=pl.col("is_known").count() / pl.len())
        shares.append(_by_place(counted, part.height))
    return pl.concat(shares).alias(pairs.name)


def _ngrams(texts: pl.Series, n: int) -> pl.DataFrame:
    """List every n-gram as a number (`gram`) beside the place of its text (`at`)."""
    words = (
        texts.to_frame("text")
        .with_row_index("at")
        .select("at", word=pl.col("text").str.to_lowercase().str.extract_all(_WORD))
        .explode("word")
        .filter(pl.col("word").is_not_null())
        .select("at", word=pl.col("word").hash())
    )
    # A rolling hash: the words' hashes as digits of a number whose overflow is cut off.
    gram = pl.lit(0, pl.UInt64)
    for back in range(n):
        gram = gram * pl.lit(_BASE, pl.UInt64) + pl.col("word").shift(back)
    return (
        words.select("at", gram=gram, start=pl.col("at").shift(n - 1))
        .filter(pl.col("start") == pl.col("at"))
        .drop("start")
    )


def _by_place(counted: pl.DataFrame, height: int) -> pl.Series:
    places = pl.DataFrame({"at": pl.Series(range(height), dtype=pl.UInt32)})
    return places.join(counted, on="at", how="left", maintain_order="left")["share"]
