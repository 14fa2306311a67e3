"""Rows and votes that were taken down do not come back, although their source still holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from schemas.mapping.mapping import Mapping, steps
from schemas.mapping.opinions import VoteTable
from schemas.mapping.paths import branches_of
from schemas.rows.tombstones import Forgotten, key_tombstone, row_tombstone
from tasks.ingest.rows.jsontext import compact
from tasks.ingest.rows.paths import changed, elements, value
from tasks.ingest.rows.pseudonym import Nameless


def without_votes(mapping: Mapping, named: Nameless, names: frozenset[str]) -> Nameless:
    """Leave out the votes of forgotten people where a row lists the votes of several.

    The canonical texts stay as they are, so that the rows keep their ids.
    """
    votes = mapping.annotators
    if not names or not isinstance(votes, VoteTable) or votes.id is None:
        return named
    who, docs, raw = steps(votes.id), list(named.docs), list(named.raw)

    def others(found: Any) -> Any:
        listed = elements(found)
        kept = [vote for vote in listed or [] if not _is_one_of(value(vote, who), names)]
        return found if listed is None or len(kept) == len(listed) else kept

    for row in _naming(raw, names):
        for way in branches_of(steps(votes.each)):
            docs[row] = changed(docs[row], way, others)
        raw[row] = compact(docs[row])
    return named._replace(docs=docs, raw=raw)


def find_forgotten(source: str, texts: Sequence[str], keys: pl.DataFrame, forgotten: Forgotten) -> frozenset[int]:
    """Return the places of the rows of `source` that must not come back.

    `texts` are the rows as they would be stored, and `keys` goes on after them with rows that could not be read.
    """
    if not any(forgotten):
        return frozenset()
    is_row = pl.col("row_id").is_in(forgotten.rows) | row_tombstone(source, "row_digest").is_in(forgotten.rows)
    is_key = pl.col("source_key").is_not_null() & key_tombstone(source, pl.col("source_key")).is_in(forgotten.keys)
    hit = keys.select(hit=is_row | is_key)["hit"].arg_true().to_list()
    return frozenset([*hit, *_naming(texts, forgotten.names)])


def _naming(texts: Sequence[str], names: frozenset[str]) -> list[int]:
    """Find the texts in which one of `names` stands: a pseudonym stands nowhere by chance."""
    if not names:
        return []
    found = pl.Series(texts, dtype=pl.String).to_frame("text").select(pl.col("text").str.contains_any(sorted(names)))
    return found["text"].arg_true().to_list()


def _is_one_of(found: Any, names: frozenset[str]) -> bool:
    return isinstance(found, str) and found in names
