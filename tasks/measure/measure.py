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
        pairs = judgments.select("pair_id", "record_id", "left", "right")
        measured = pairs.filter(pl.col("pair_id").is_first_distinct()).collect()
        prompts = records.select(self._numbers("prompt_text"), key="record_id").collect()
        # Equal texts have equal ids, whichever record they belong to; each is looked at once.
        answers = responses.select("response_id", "text").filter(pl.col("response_id").is_first_distinct())
        texts = answers.select(self._numbers("text"), key="response_id").collect()
        for side, key, numbers in (
            ("prompt", "record_id", prompts),
            ("left", "left", texts),
            ("right", "right", texts),
        ):
            named = numbers.rename({name: f"{side}_{name}" for name in numbers.columns if name != "key"})
            measured = measured.join(named, left_on=key, right_on="key")
        return {"_measures": measured.drop("record_id", "left", "right")}

    def _numbers(self, column: str) -> list[pl.Expr]:
        text = pl.col(column)
        is_blank = (text.str.strip_chars().str.len_bytes() == 0).alias("is_blank")
        return [is_blank, *[MEASURES[name](text).alias(name) for name in self.measures]]
