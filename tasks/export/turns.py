"""Conversations as lists of messages, and the forms that several trainers share."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from schemas.tables import MESSAGES

_MESSAGES = pl.Schema(pa.schema([("messages", MESSAGES)]))["messages"]
# What every chat template knows; many raise an error, and end the training, at anything else.
TAKING_TURNS = r"^(?:system )?user (?:assistant user )*$"
# A margin that is unknown counts as none, which is the plain loss.
MARGIN = pl.col("margin").fill_nan(None).fill_null(0.0)


def roles_of(column: str) -> pl.Expr:
    """Write the roles of each list of messages as one text, each followed by a blank."""
    named = pl.col(column).list.eval(pl.element().struct["role"].fill_null("?") + " ")
    return named.list.join("")


def turn(role: str, column: str) -> pl.Expr:
    """Make a list of one message out of each text of a column."""
    said = pl.struct(role=pl.lit(role), content=pl.col(column))
    return said.reshape((-1, 1)).arr.to_list().cast(_MESSAGES)


def beginning(pairs: pl.DataFrame) -> pl.Expr:
    """Return the conversation before the answer: the system message if there is one, then the turns of the prompt.

    A pair without a prompt has no turns.
    """
    none = pl.lit([], dtype=_MESSAGES)
    is_asked = pl.col("prompt").fill_null("").str.strip_chars() != ""
    asked = pl.when(is_asked).then(pl.col("prompt_messages").fill_null([])).otherwise(none)
    if pairs["system"].null_count() == pairs.height:
        return asked
    return pl.concat_list(pl.when(pl.col("system").is_not_null()).then(turn("system", "system")).otherwise(none), asked)


def preference(pairs: pl.DataFrame, origin: list[str]) -> pl.DataFrame:
    """Give each pair a row: the prompt, both answers as messages, and how clearly the chosen one won."""
    answers = {side: turn("assistant", side) for side in ("chosen", "rejected")}
    return pairs.select("split", prompt="messages", **answers, margin=MARGIN, **_same(origin))


def implicit(pairs: pl.DataFrame, origin: list[str]) -> pl.DataFrame:
    """Give each pair a row: the two whole conversations, which begin with the same prompt."""
    talks = {side: pl.concat_list("messages", turn("assistant", side)) for side in ("chosen", "rejected")}
    return pairs.select("split", **talks, margin=MARGIN, **_same(origin))


def unpaired(pairs: pl.DataFrame, origin: list[str]) -> pl.DataFrame:
    """Give each pair two rows: the chosen answer, labelled true, and the rejected one, labelled false.

    All chosen answers come first: trainers that set neighbours against each other then meet different prompts.
    """
    sides = [
        pairs.select(
            "split", prompt="messages", completion=turn("assistant", side), label=pl.lit(is_good), **_same(origin)
        )
        for side, is_good in (("chosen", True), ("rejected", False))
    ]
    return pl.concat(sides)


def prompts(pairs: pl.DataFrame, origin: list[str], name: str = "prompt") -> pl.DataFrame:
    """Give each pair a row with its prompt alone, in the column `name`."""
    return pairs.select("split", **{name: pl.col("messages")}, **_same(origin))


def _same(columns: list[str]) -> dict[str, pl.Expr]:
    return {column: pl.col(column) for column in columns}
