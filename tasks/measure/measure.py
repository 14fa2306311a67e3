"""Measure the prompt and both answers of every pair of a shard, as far as the plan's rules ask for it."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.stage import Stage
from tasks.measure.text import MEASURES


class Measure(Stage):
    """Look at each text once and write down the numbers in `measures`, and whether it is blank."""

    reads: ClassVar = ("_judgments", "records", "responses")
    measures: list[str]

    def __call__(
        self, judgments: pl.LazyFrame, records: pl.LazyFrame, responses: pl.LazyFrame
    ) -> dict[str, pl.DataFrame]:
        """Return `_measures`: by pair, the numbers of its prompt and of its left and right answer."""
        questions = records.select("record_id", *self._numbers("prompt_text", "prompt"))
        measured = judgments.select("pair_id", "record_id", "left", "right").unique("pair_id")
        measured = measured.join(questions, on="record_id")
        # Equal texts have equal ids, whichever record they belong to.
        answers = responses.unique("response_id")
        for side in ("left", "right"):
            numbers = answers.select(pl.col("response_id").alias(side), *self._numbers("text", side))
            measured = measured.join(numbers, on=side)
        return {"_measures": measured.drop("record_id", "left", "right").collect()}

    def _numbers(self, column: str, side: str) -> list[pl.Expr]:
        text = pl.col(column)
        is_blank = (text.str.strip_chars().str.len_bytes() == 0).alias(f"{side}_is_blank")
        return [is_blank, *[MEASURES[name](text).alias(f"{side}_{name}") for name in self.measures]]
