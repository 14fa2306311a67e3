"""What trainers of language models read: prompts and answers as messages, in the form of each trainer."""

from __future__ import annotations

import polars as pl

from tasks.export.trl import Trl


def messages_of(pairs: pl.DataFrame) -> pl.DataFrame:
    """Turn pairs, as exports read them, into (split, pair_id, prompt, chosen, rejected, margin, tie) with messages.

    Ties stay; pairs that no chat template can take are left out.
    """
    named = pairs.with_columns(is_tied=pl.col("tie").fill_null(value=False), tie=pl.lit(value=False), is_repeated=False)
    rows = Trl(form="preference")(named).rows
    tied = named.select("pair_id", tie="is_tied")
    return rows.select("split", "pair_id", "prompt", "chosen", "rejected", "margin").join(
        tied, on="pair_id", how="left", maintain_order="left"
    )


def unpaired(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Give every answer of decided pairs a row (prompt, completion, label), mixed by `seed`.

    KTO's trainer goes through its rows in order and sets neighbours against each other.
    """
    decided = rows.filter(~pl.col("tie"))
    sides = [
        decided.select("prompt", completion=side, label=pl.lit(value=side == "chosen"))
        for side in ("chosen", "rejected")
    ]
    return pl.concat(sides).sample(fraction=1.0, shuffle=True, seed=seed)
