"""TRL's conversational data sets: preference with a margin, implicit prompt, unpaired, and prompts alone."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from tasks.export.media import Table, in_parts, tagged
from tasks.export.target import ORIGIN, Target
from tasks.export.turns import implicit, preference, prompts, unpaired

_MESSAGES = ("prompt", "chosen", "rejected", "completion")


class Trl(Target):
    """Rows for TRL, always as messages: its trainers apply the tokenizer's chat template to them.

    `preference` is for DPOTrainer and RewardTrainer, `implicit` for RewardTrainer, `unpaired` for KTOTrainer,
    `prompt-only` for GRPOTrainer and RLOOTrainer. An export with pictures has them in the list `images`, and the
    contents of its messages are lists of parts; RewardTrainer knows no pictures, so `implicit` has none.
    """

    version = 2
    may_have_media: ClassVar = True

    def holds(self) -> pl.Expr:
        """Tell whether a pair has no media but pictures in its prompt."""
        asked = pl.col("prompt_kinds").str.contains("^$" if self.form == "implicit" else "^i*$")
        if self.form == "prompt-only":
            return asked
        return asked & (pl.col("chosen_kinds") == "") & (pl.col("rejected_kinds") == "")

    def shape(self, pairs: pl.DataFrame) -> list[Table]:
        """Turn usable pairs into rows of a TRL data set."""
        shapes = {"preference": preference, "implicit": implicit, "unpaired": unpaired, "prompt-only": prompts}
        if not self.with_media:
            return [Table("", shapes[self.form](pairs, ORIGIN))]
        shown = pairs.with_columns(messages=tagged()).rename({"prompt_media": "images"})
        rows = shapes[self.form](shown, ["images", *ORIGIN])
        spoken = [in_parts(pl.col(name)).alias(name) for name in _MESSAGES if name in rows.columns]
        return [Table("", rows.with_columns(spoken), {"images": "image"})]
