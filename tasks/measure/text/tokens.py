"""How long a text is in the tokens of a model."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from schemas.errors import Terminal

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Texts at a time: tokens and where they lie take many times the memory of the texts.
_SLICE = 10_000


def tokens(text: pl.Expr, tokenizer: str) -> pl.Expr:
    """Count tokens, special ones left out. `tokenizer` is the content of a `tokenizer.json`.

    Raises Terminal if it is none.
    """
    made = load(tokenizer)
    return text.map_batches(lambda texts: _count(texts, made), return_dtype=pl.Int64, is_elementwise=True)


@lru_cache(maxsize=2)
def load(tokenizer: str) -> Tokenizer:
    """Make a tokenizer of the content of a `tokenizer.json`. Raises Terminal if it is none."""
    from tokenizers import Tokenizer

    try:
        made = Tokenizer.from_str(tokenizer)
    except Exception as error:
        raise Terminal(f"this is no tokenizer.json of the library tokenizers: {error}") from error
    made.no_truncation()
    made.no_padding()
    return made


def _count(texts: pl.Series, tokenizer: Tokenizer) -> pl.Series:
    known = texts.drop_nulls()
    counts: list[int] = []
    for start in range(0, len(known), _SLICE):
        encoded = tokenizer.encode_batch_fast(known.slice(start, _SLICE).to_list(), add_special_tokens=False)
        counts += [len(each) for each in encoded]
    whole = pl.Series(texts.name, [None], dtype=pl.Int64).new_from_index(0, len(texts))
    return whole.scatter(texts.is_not_null().arg_true(), pl.Series(counts, dtype=pl.Int64))
