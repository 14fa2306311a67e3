"""TRL's conversational data sets: preference with a margin, implicit prompt, unpaired, and prompts alone."""

from __future__ import annotations

import polars as pl

from tasks.export.target import ORIGIN, Target
from tasks.export.turns import implicit, preference, prompts, unpaired


class Trl(Target):
    """Rows for TRL, always as messages: its trainers apply the tokenizer's chat template to them.

    `preference` is for DPOTrainer and RewardTrainer, `implicit` for RewardTrainer, `unpaired` for KTOTrainer,
    `prompt-only` for GRPOTrainer and RLOOTrainer.
    """

    def shape(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Turn usable pairs into rows of a TRL data set."""
        shapes = {"preference": preference, "implicit": implicit, "unpaired": unpaired, "prompt-only": prompts}
        return shapes[self.form](pairs, ORIGIN)
