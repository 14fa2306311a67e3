"""What all targets share: which pairs a trainer can use, and why it cannot use the others."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import polars as pl

from schemas.plan.export import Form
from schemas.reasons import Reason
from schemas.stage import Stage
from tasks.export.turns import TAKING_TURNS, beginning, roles_of

# Trainers ignore columns that they do not know; these say where a row came from.
ORIGIN = ["pair_id", "source", "dimension", "license"]


class Shaped(NamedTuple):
    """Where every pair went: `used` and `left_out` add up to the input; `rows` are what the trainer reads.

    `rows` have the column `split` besides the trainer's own, `left_out` the column `reason`.
    """

    rows: pl.DataFrame
    used: pl.DataFrame
    left_out: pl.DataFrame


class Target(Stage):
    """Rows for one trainer, in one of the forms it can load. Subclasses say how a usable pair becomes rows.

    `turns` is a pattern of the roles, each followed by a blank, that the prompts may have.
    """

    turns: ClassVar[str] = TAKING_TURNS
    form: Form = "preference"

    def __call__(self, pairs: pl.DataFrame) -> Shaped:
        """Shape kept pairs that carry their record's `prompt_messages` and `system`, and `is_repeated` prompts."""
        named = pairs.with_columns(pl.col("license").fill_null("unknown"), messages=beginning(pairs))
        judged = named.with_columns(reason=self._reason())
        used = judged.filter(pl.col("reason").is_null())
        left_out = judged.filter(pl.col("reason").is_not_null()).select("pair_id", "split", "reason")
        return Shaped(self.shape(used), used.select("pair_id", "split", "license", "commercial_ok"), left_out)

    def shape(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Turn usable pairs, whose prompt is in `messages`, into the rows that the trainer reads."""
        raise NotImplementedError

    def _reason(self) -> pl.Expr:
        """Why a pair cannot be used, null if it can."""
        is_prompt_empty = _is_blank("prompt")
        is_readable = roles_of("messages").str.contains(self.turns) & ~_has_a_gap("messages")
        found: dict[Reason, pl.Expr] = {}
        if self.form == "prompt-only":
            found[Reason.repeated_prompt] = pl.col("is_repeated")
        else:
            found[Reason.no_winner] = pl.col("tie").fill_null(value=True)
            found[Reason.not_text] = pl.any_horizontal(pl.col("chosen_media_id", "rejected_media_id").is_not_null())
            found[Reason.empty_side] = _is_blank("chosen") | _is_blank("rejected")
        if self.form != "implicit":
            found[Reason.empty_prompt] = is_prompt_empty
        found[Reason.unsupported_turns] = ~is_prompt_empty & ~is_readable
        fired = [pl.when(is_so).then(pl.lit(reason.value)) for reason, is_so in found.items()]
        return pl.coalesce(fired)


def _is_blank(column: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.strip_chars() == ""


def _has_a_gap(column: str) -> pl.Expr:
    """Tell whether a message has no text at all."""
    return pl.col(column).list.eval(pl.element().struct["content"].is_null()).list.any()
