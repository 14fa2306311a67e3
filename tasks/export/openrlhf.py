"""OpenRLHF's reward and DPO data sets, and prompts for its PPO."""

from __future__ import annotations

import polars as pl

from tasks.export.target import ORIGIN, Target
from tasks.export.turns import implicit, preference, prompts


class OpenRlhf(Target):
    """Rows for OpenRLHF, as messages: load them with `apply_chat_template` and the names of the columns as keys.

    `preference` and `implicit` carry the `margin` that its reward loss subtracts; `prompt-only` is called `input`.
    """

    def shape(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Turn usable pairs into rows of OpenRLHF's data sets."""
        if self.form == "prompt-only":
            return prompts(pairs, ORIGIN, name="input")
        return implicit(pairs, ORIGIN) if self.form == "implicit" else preference(pairs, ORIGIN)
