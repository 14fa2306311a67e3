"""Leaks: records whose prompt, or a turn of whose user, stands in a benchmark."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage
from schemas.text import fold, normalise
from tasks.shingles.overlap import overlap
from tasks.shingles.tokens import shingles

NEAR_NGRAM = 5
# From the surest to the least sure; the first that holds is what is told.
METHODS = ("equal", "near", "contained")


class Leaks(Stage):
    """Compare the prompts and the user's turns of a shard with the prompts of benchmarks, in three ways.

    `equal`: the same in normal form. `near`: a Jaccard similarity of at least `near`, of sets of 5-token shingles.
    `contained`: at least the share `threshold` of the benchmark prompt's n-grams of `ngram` tokens occurs in the text,
    as in the decontamination of Tülu 3 (Lambert et al. 2024, section 3.2); a shorter prompt is one n-gram.
    """

    version = 2
    reads: ClassVar = ("_benchmarks", "records")
    ngram: int
    threshold: float
    near: float

    def __call__(self, benchmarks: pl.LazyFrame, records: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_leaks`: record_id, benchmark, file, line, method, score; the best hit in each benchmark file."""
        asked = _asked(records)
        texts = asked["text"].unique().sort()
        known = benchmarks.collect().with_row_index("j").with_columns(pl.col("j").cast(pl.Int64))
        hits = pl.concat(
            [
                _equal(texts, known),
                self._near(fold(texts), fold(known["text"])),
                self._contained(fold(texts), fold(known["text"])),
            ]
        ).join(known.drop("text"), on="j")
        numbered = texts.to_frame().with_columns(i=pl.int_range(pl.len(), dtype=pl.Int64))
        by_record = asked.join(numbered, on="text").join(hits, on="i").sort("rank", -pl.col("score"), "j")
        best = by_record.unique(["record_id", "benchmark", "file"], keep="first", maintain_order=True)
        method = pl.col("rank").replace_strict(dict(enumerate(METHODS)), return_dtype=pl.String)
        return {"_leaks": best.select("record_id", "benchmark", "file", "line", "rank", "score", method=method)}

    def _near(self, texts: pl.Series, known: pl.Series) -> pl.DataFrame:
        shared = overlap(shingles(texts, NEAR_NGRAM), shingles(known, NEAR_NGRAM))
        either = pl.col("size_i") + pl.col("size_j") - pl.col("common")
        scored = shared.select("i", "j", score=pl.col("common") / either, rank=pl.lit(1, pl.Int64))
        return scored.filter(pl.col("score") >= self.near)

    def _contained(self, texts: pl.Series, known: pl.Series) -> pl.DataFrame:
        shared = overlap(shingles(texts, self.ngram), shingles(known, self.ngram))
        scored = shared.select("i", "j", score=pl.col("common") / pl.col("size_j"), rank=pl.lit(2, pl.Int64))
        return scored.filter(pl.col("score") >= self.threshold)


def _asked(records: pl.LazyFrame) -> pl.DataFrame:
    """List the whole prompt of every record, and of conversations each turn of the user."""
    said = records.select("record_id", "prompt_text", "prompt_messages").collect()
    turns = said.filter(pl.col("prompt_messages").list.len() > 1).select("record_id", turn="prompt_messages")
    spoken = turns.explode("turn", empty_as_null=False, keep_nulls=False).unnest("turn")
    of_user = spoken.filter(pl.col("role") == "user").select("record_id", text="content")
    asked = pl.concat([said.select("record_id", text="prompt_text"), of_user])
    return asked.filter(pl.col("text").str.strip_chars() != "").unique()


def _equal(texts: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
    left = pl.DataFrame({"normal": normalise(texts)}).with_columns(i=pl.int_range(pl.len(), dtype=pl.Int64))
    right = pl.DataFrame({"normal": normalise(known["text"]), "j": known["j"]})
    return left.join(right, on="normal").select("i", "j", score=pl.lit(1.0), rank=pl.lit(0, pl.Int64))
