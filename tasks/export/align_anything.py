"""align-anything's template `PKUSafeRLHF`, the one that takes any pair of texts."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.identity import digest
from schemas.text import written
from tasks.export.target import ORIGIN, Target


class AlignAnything(Target):
    """Rows for align-anything, whose template knows one text of the user and two answers.

    A prompt of several turns is written as one text, each turn behind its role. Which answer comes first is drawn by a
    hash of the pair's id, which does not know the winner.
    """

    turns: ClassVar = r" $"

    def shape(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Turn usable pairs into rows of the template."""
        asked = pairs.with_columns(prompt=written(pl.col("messages")))
        if self.form == "prompt-only":
            return asked.select("split", "prompt", *ORIGIN)
        is_first = digest(pl.lit("side"), "pair_id").str.slice(0, 1) < "8"
        return asked.select(
            "split",
            "prompt",
            response_0=pl.when(is_first).then("chosen").otherwise("rejected"),
            response_1=pl.when(is_first).then("rejected").otherwise("chosen"),
            better_response_id=pl.when(is_first).then(0).otherwise(1).cast(pl.Int64),
            **{column: pl.col(column) for column in ORIGIN},
        )
