"""OpenRLHF's reward and DPO data sets, and prompts for its PPO."""

from __future__ import annotations

import polars as pl

from tasks.export.media import Table
from tasks.export.target import ORIGIN, Target
from tasks.export.turns import implicit, preference, prompts


class OpenRlhf(Target):
    """Rows for OpenRLHF, as messages: load them with `apply_chat_template` and the names of the columns as keys.

    `preference` and `implicit` carry the `margin` that its reward loss subtracts; `prompt-only` is called `input`.
    """

    version = 2

    def shape(self, pairs: pl.DataFrame) -> list[Table]:
        """Turn usable pairs into rows of OpenRLHF's data sets."""
        if self.form == "prompt-only":
            return [Table("", prompts(pairs, ORIGIN, name="input"))]
        return [Table("", implicit(pairs, ORIGIN) if self.form == "implicit" else preference(pairs, ORIGIN))]
