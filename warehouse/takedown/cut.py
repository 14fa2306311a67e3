"""What each public table loses: whole rows, or what the rows that stay say about things that are gone."""

from __future__ import annotations

import polars as pl

from schemas.reasons import Reason
from warehouse.takedown.gone import Gone

_OF_RECORDS = ("records", "responses", "attachments", "comparisons", "rankings", "ratings", "labels", "feedback")


def is_touched(table: str, gone: Gone) -> pl.Expr:
    """Tell of each row of `table` whether it is dropped or changed."""
    return _is_dropped(table, gone) | _is_changed(table, gone)


def cut(table: str, frame: pl.DataFrame, gone: Gone) -> pl.DataFrame:
    """Return `frame` without what is gone; of a row of a source, `rows` keeps where it stood and nothing else."""
    left = frame.filter(~_is_dropped(table, gone))
    if table == "rows":
        hit = _in("row_id", gone.rows)
        fate = pl.when(hit).then(pl.lit(Reason.forgotten.value)).otherwise("fate")
        return left.with_columns(fate=fate, raw_json=pl.when(~hit).then("raw_json"))
    if table in ("decisions", "clusters"):
        return left.with_columns(partner_id=pl.when(~_in("partner_id", gone.subjects)).then("partner_id"))
    if table == "contradictions":
        return left.with_columns(ids=pl.col("ids").list.set_difference(pl.lit(gone.pairs).implode()).list.sort())
    return left


def _is_dropped(table: str, gone: Gone) -> pl.Expr:
    of_one_id = {
        "quarantine": ("row_id", gone.rows),
        "pairs": ("pair_id", gone.pairs),
        "metrics": ("pair_id", gone.pairs),
        "suspects": ("pair_id", gone.pairs),
        "rewards": ("pair_key", gone.pair_keys),
        "decisions": ("subject_id", gone.subjects),
        "clusters": ("subject_id", gone.subjects),
        "contradictions": ("pair_key", gone.pair_keys),
        "annotators": ("annotator_id", gone.annotators),
        "media": ("media_id", gone.media),
        "media_metrics": ("media_id", gone.media),
        "captions": ("media_id", gone.media),
        "transcripts": ("media_id", gone.media),
        "embeddings": ("content_id", pl.concat([gone.contents, gone.media])),
        "splits": ("component_id", gone.components),
        **dict.fromkeys(_OF_RECORDS, ("record_id", gone.records)),
    }
    return _in(*of_one_id[table]) if table in of_one_id else pl.lit(value=False)


def _is_changed(table: str, gone: Gone) -> pl.Expr:
    if table == "rows":
        return _in("row_id", gone.rows) & (pl.col("fate") != Reason.forgotten.value)
    if table in ("decisions", "clusters"):
        return _in("partner_id", gone.subjects)
    if table == "contradictions":
        return pl.col("ids").list.eval(_in("", gone.pairs)).list.any().fill_null(value=False)
    return pl.lit(value=False)


def _in(column: str, ids: pl.Series) -> pl.Expr:
    named = pl.col(column) if column else pl.element()
    return named.is_in(ids.implode()).fill_null(value=False)
