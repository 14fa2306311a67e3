"""Records as numbers in the order of their ids, and the keys by which they hang together as 64 bits of a hash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from tasks.slices import in_slices

_HASHED: Final = pl.col("key").hash()


class Records(NamedTuple):
    """The records of a run: `ids` in order, so that the smaller of two numbers has the smaller id."""

    ids: pl.Series
    numbers: pl.DataFrame

    @classmethod
    def of(cls, prompts: pl.LazyFrame) -> Records:
        """Number the records of `prompts`."""
        ordered = prompts.select("record_id").collect().to_series().sort()
        ids = ordered.filter(ordered.ne_missing(ordered.shift(1)))
        return cls(ids, pl.DataFrame({"hash": ids.hash()}).with_row_index("record"))

    def numbered(
        self, table: pl.LazyFrame, *columns: str | pl.Expr, where: pl.Expr | None = None, explode: Sequence[str] = ()
    ) -> pl.DataFrame:
        """Read `columns` of a table with `record_id`, beside the `record` that each row is about, of known ones."""
        said = [pl.col("record_id").hash().alias("hash"), *columns]
        read = []
        for part in in_slices(table):
            rows = part.explode(explode, empty_as_null=False, keep_nulls=False) if explode else part
            read.append((rows if where is None else rows.filter(where)).select(said))
        return pl.concat(read).join(self.numbers, on="hash").select("record", pl.exclude("record", "hash"))


def key_links(
    prompts: pl.LazyFrame, attachments: pl.LazyFrame | None, near_links: pl.LazyFrame | None, records: Records
) -> pl.DataFrame:
    """List the keys by which records hang together: prompt, media, the prompts they continue, conversation.

    Records with a blank prompt hang together by their responses. Returns `record` and `key`. The pairs of record_id and
    key in `near_links` are added.
    """
    own, talks, continued, answered = (
        prompts.select("record_id", key=name)
        for name in ("prompt_key", "conversation_id", "prefix_keys", "answer_keys")
    )
    asked = records.numbered(own, _HASHED)
    earlier = records.numbered(continued, _HASHED, explode=["key"]).join(asked.select("key"), on="key", how="semi")
    answers = records.numbered(answered, _HASHED, explode=["key"])
    talked = records.numbered(talks, _HASHED, where=pl.col("key").is_not_null())
    near = [] if near_links is None else [records.numbered(near_links.select("record_id", "key"), _HASHED)]
    media = (
        []
        if attachments is None
        else [records.numbered(attachments.select("record_id", key="media_id"), _HASHED).unique()]
    )
    return pl.concat([asked, earlier, answers, talked, *media, *near])
