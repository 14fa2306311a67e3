"""What all targets share: which pairs a trainer can use, and why it cannot use the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import polars as pl

from schemas.attached import PLACES, lacks_bytes, with_kinds
from schemas.plan.export import Form
from schemas.reasons import Reason
from schemas.stage import Stage
from tasks.export.media import Table, has_tag
from tasks.export.turns import TAKING_TURNS, beginning, roles_of

# Trainers ignore columns that they do not know; these say where a row came from.
ORIGIN = ["pair_id", "source", "dimension", "license"]


class Shaped(NamedTuple):
    """Where every pair went: `used` and `left_out` add up to the input; `tables` are what the trainer reads.

    `used` says of each pair whether its row `has_media`, `left_out` has the column `reason`.
    """

    tables: Sequence[Table]
    used: pl.DataFrame
    left_out: pl.DataFrame


class Target(Stage):
    """Rows for one trainer, in one of the forms it can load. Subclasses say how a usable pair becomes rows.

    `turns` is a pattern of the roles, each followed by a blank, that the prompts may have. `with_media` says that the
    rows of this export have media, so that all of them need columns for it; `may_have_media` that there is such a form.
    """

    turns: ClassVar[str] = TAKING_TURNS
    may_have_media: ClassVar[bool] = False
    form: Form = "preference"
    with_media: bool = False

    def __call__(self, pairs: pl.DataFrame) -> Shaped:
        """Shape kept pairs that carry their record's `prompt_messages` and `system`, and `is_repeated` prompts.

        `prompt_media`, `chosen_media` and `rejected_media` are lists of `ATTACHED`.
        """
        named = pairs.with_columns(pl.col("license").fill_null("unknown"), messages=beginning(pairs))
        judged = self.prepared(with_kinds(named)).with_columns(reason=self._reason())
        used = judged.filter(pl.col("reason").is_null())
        left_out = judged.filter(pl.col("reason").is_not_null()).select("pair_id", "split", "reason")
        about = used.select("pair_id", "split", "license", "commercial_ok", has_media=self._has_media())
        return Shaped(self.shape(used), about, left_out)

    def shape(self, pairs: pl.DataFrame) -> list[Table]:
        """Turn usable pairs, whose prompt is in `messages`, into the rows that the trainer reads."""
        raise NotImplementedError

    def prepared(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Add to all pairs what `holds` and `shape` want to know."""
        return pairs

    def holds(self) -> pl.Expr:
        """Tell whether the trainer's files can hold the media of a pair; by default, if it has none."""
        return ~self._has_media()

    def more_reasons(self) -> dict[Reason, pl.Expr]:
        """Say why else a pair cannot be used."""
        return {}

    @property
    def places(self) -> Sequence[str]:
        """Where the media are that a row says."""
        return ("prompt",) if self.form == "prompt-only" else PLACES

    def _has_media(self) -> pl.Expr:
        return pl.any_horizontal(pl.col(f"{place}_kinds") != "" for place in self.places)

    def _reason(self) -> pl.Expr:
        """Why a pair cannot be used, null if it can."""
        is_prompt_empty = _is_blank("prompt")
        is_readable = roles_of("messages").str.contains(self.turns) & ~_has_a_gap("messages")
        found: dict[Reason, pl.Expr] = {}
        if self.form == "prompt-only":
            found[Reason.repeated_prompt] = pl.col("is_repeated")
        else:
            found[Reason.no_winner] = pl.col("tie").fill_null(value=True)
        found |= self.more_reasons()
        # What a medium is that nobody has, nobody knows.
        is_known = pl.all_horizontal(~pl.col(f"{place}_kinds").str.contains("?", literal=True) for place in self.places)
        found[Reason.not_text] = ~self.holds() & is_known
        found[Reason.no_media] = lacks_bytes(*self.places)
        if self.form != "prompt-only":
            found[Reason.empty_side] = pl.any_horizontal(
                _is_blank(side) & (pl.col(f"{side}_kinds") == "") for side in ("chosen", "rejected")
            )
            said = has_tag("chosen") | has_tag("rejected")
            found[Reason.media_tag] = said & (pl.lit(self.with_media) | self._has_media())
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
