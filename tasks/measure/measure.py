"""Measure every prompt and response of a shard, as far as the plan's rules ask for it."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage
from tasks.measure.text import MEASURES


class Measure(Stage):
    """Look at each text once and write down the numbers in `measures`, and whether it is blank."""

    reads: ClassVar = ("records", "responses")
    measures: list[str]

    def __call__(self, records: pl.LazyFrame, responses: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Return `_prompt_measures` (by record) and `_response_measures` (by record and response)."""
        answers = responses.unique(["record_id", "response_id"], maintain_order=True)
        return {
            "_prompt_measures": records.select("record_id", *self._numbers(pl.col("prompt_text"))).collect(),
            "_response_measures": answers.select("record_id", "response_id", *self._numbers(pl.col("text"))).collect(),
        }

    def _numbers(self, text: pl.Expr) -> list[pl.Expr]:
        is_blank = text.str.strip_chars().str.len_bytes() == 0
        return [is_blank.alias("is_blank"), *[MEASURES[name](text).alias(name) for name in self.measures]]
