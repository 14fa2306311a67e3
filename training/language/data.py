"""What trainers of language models read: prompts and answers as messages, in the form of each trainer."""

from __future__ import annotations

import polars as pl

from schemas.attached import PLACES
from schemas.plan.train.language import DpoTraining, KtoTraining, LanguageTraining, RewardTraining
from tasks.export.trl import Trl


def messages_of(pairs: pl.DataFrame) -> pl.DataFrame:
    """Turn pairs, as exports read them, into (split, pair_id, prompt, chosen, rejected, margin, tie) with messages.

    Ties stay; pairs that no chat template can take, or that have media, are left out.
    """
    texts = pairs.filter(pl.all_horizontal(pl.col(f"{place}_media").list.len() == 0 for place in PLACES))
    named = texts.with_columns(is_tied=pl.col("tie").fill_null(value=False), tie=pl.lit(value=False), is_repeated=False)
    rows = Trl(form="preference")(named).tables[0].rows
    tied = named.select("pair_id", tie="is_tied")
    return rows.select("split", "pair_id", "prompt", "chosen", "rejected", "margin").join(
        tied, on="pair_id", how="left", maintain_order="left"
    )


def formed(config: LanguageTraining, rows: pl.DataFrame) -> pl.DataFrame:
    """Turn rows with messages into those that the trainer of `config` reads; `gap` must be there for reward scaling."""
    decided = rows.filter(~pl.col("tie"))
    if isinstance(config, RewardTraining):
        wanted = decided if config.ties == "leave_out" else rows
        return wanted.select("prompt", "chosen", "rejected", "tie", *(["margin"] if config.margins else []))
    if isinstance(config, DpoTraining) and config.scaling is not None:
        return decided.filter(pl.col("gap").is_not_null()).select("prompt", "chosen", "rejected", "gap")
    if isinstance(config, KtoTraining):
        return _unpaired(decided, config.seed)
    return decided.select("prompt", "chosen", "rejected")


def _unpaired(decided: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Give every answer a row (prompt, completion, label), mixed by `seed`.

    KTO's trainer goes through its rows in order and sets neighbours against each other.
    """
    sides = {"chosen": True, "rejected": False}
    answers = [
        decided.select("prompt", completion=side, label=pl.lit(value=is_good)) for side, is_good in sides.items()
    ]
    return pl.concat(answers).sample(fraction=1.0, shuffle=True, seed=seed)
