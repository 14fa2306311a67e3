"""Puts ids on judgments: comparisons, rankings, ratings, labels, feedback, and the people who made them."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from schemas.identity import digest
from tasks.ingest.reading import Reading
from tasks.ingest.rows.frames import SCHEMAS, fitted

_KINDS = ("comparisons", "rankings", "ratings", "labels")


class Places(NamedTuple):
    """Where each item's responses stand among all responses, and the ids that judgments point at."""

    items: pl.DataFrame
    is_good: pl.Series
    first: pl.Series
    counts: pl.Series
    response_ids: pl.Series

    def record(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Name the record and the row of each judgment; judgments of items that are not good are left out."""
        frame = frame.filter(self.is_good.gather(frame["row"]))
        return frame.with_columns(
            self.items["record_id"].gather(frame["row"]), self.items["row_id"].gather(frame["row"])
        )

    def response(self, frame: pl.DataFrame, place: str) -> pl.Series:
        """Name the response at `place` of each judgment's item; null where the item has fewer, or no place is said."""
        is_there = (frame[place] < self.counts.gather(frame["row"])).fill_null(value=False)
        at = (self.first.gather(frame["row"]) + frame[place]).set(~is_there, None)
        return self.response_ids.gather(at)


def judged_tables(reading: Reading, places: Places, overall: str) -> dict[str, pl.DataFrame]:
    """Fill the tables of judgments; `overall` is what the source's unnamed dimension is called."""
    is_judged = any(judge is not None for judge in reading.judges)
    judges = pl.Series("annotator_id", reading.judges if is_judged else [None] * len(reading.judges), dtype=pl.String)
    tables = {"comparisons": _comparisons(reading, places, overall)}
    for name, frame in (
        ("rankings", reading.rankings),
        ("ratings", reading.ratings),
        ("labels", reading.labels),
        ("feedback", reading.feedback),
    ):
        if frame.is_empty():
            tables[name] = SCHEMAS[name].to_frame()
            continue
        named = places.record(frame)
        by_row = judges.gather(named["row"])
        # What one of several reviewers said carries its own name.
        own = named["annotator_id"] if "annotator_id" in named.columns else by_row
        named = named.with_columns(
            own.zip_with(own.is_not_null(), by_row).alias("annotator_id"),
            places.response(named, "place").alias("response_id"),
        )
        tables[name] = fitted(name, _pointing(name, named, overall))
    return tables


def _comparisons(reading: Reading, places: Places, overall: str) -> pl.DataFrame:
    frame = places.record(reading.comparisons)
    frame = frame.with_columns(
        places.response(frame, "place_a").alias("a"), places.response(frame, "place_b").alias("b"), _named(overall)
    ).drop_nulls(["a", "b"])
    said = ["record_id", "a", "b", "dimension", "outcome_raw"]
    frame = frame.with_columns(nth=pl.int_range(pl.len()).over(said) if _may_repeat(frame) else pl.lit(0))
    return fitted("comparisons", frame.with_columns(comparison_id=digest(*said, "nth")))


def _may_repeat(frame: pl.DataFrame) -> bool:
    """Tell cheaply whether any record has two judgments in one dimension."""
    return frame["dimension"].n_unique() < frame.height and not frame.select("row", "dimension").is_unique().all()


def _named(overall: str) -> pl.Expr:
    return pl.col("dimension").replace("overall", overall)


def _pointing(name: str, frame: pl.DataFrame, overall: str) -> pl.DataFrame:
    """Point each judgment at what it is about: its response, or its record."""
    if name == "rankings":
        return frame.drop_nulls("response_id").with_columns(_named(overall))
    is_placed = pl.col("place").is_not_null()
    frame = frame.filter(~is_placed | pl.col("response_id").is_not_null())
    frame = frame.with_columns(target_id=pl.when(is_placed).then("response_id").otherwise("record_id"))
    if name == "feedback":
        return frame.with_columns(target_ids=pl.concat_list("target_id"))
    return frame.with_columns(_named(overall)) if name == "ratings" else frame


def annotators_of(source: str, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """List the people who judged in these tables, and how many judgments each made."""
    names = pl.concat([tables[kind]["annotator_id"] for kind in _KINDS]).drop_nulls()
    counted = names.to_frame().group_by("annotator_id", maintain_order=True).len("judgments")
    return fitted("annotators", counted.with_columns(pl.lit(source).alias("source")))
