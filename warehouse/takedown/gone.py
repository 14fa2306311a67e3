"""Everything that goes with some rows: the ids of what was made of them, in all kept snapshots together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from schemas.identity import digest
from warehouse.delta.snapshots import files_of, snapshots
from warehouse.home import Home
from warehouse.store import Written, scan_files

_JUDGMENTS = ("comparisons", "rankings", "ratings", "labels", "feedback")


class Gone(NamedTuple):
    """Ids of what goes. A response, medium, annotator, pair key or component goes if nothing else has it."""

    rows: pl.Series
    records: pl.Series
    pairs: pl.Series
    pair_keys: pl.Series
    comparisons: pl.Series
    responses: pl.Series
    contents: pl.Series
    media: pl.Series
    annotators: pl.Series
    components: pl.Series

    @property
    def subjects(self) -> pl.Series:
        """Everything that a decision or a cluster may be about."""
        return pl.concat([self.rows, self.records, self.pairs, self.comparisons, self.responses, self.media])


def files_by_path(home: Home) -> dict[str, Written]:
    """Return every file that a kept snapshot names, once."""
    return {file.path: file for snapshot in snapshots(home) for file in files_of(home, snapshot)}


def find_gone(home: Home, files: Mapping[str, Written], touched: Iterable[str], people: Iterable[str]) -> Gone:
    """Find what goes with the rows `touched` and the annotators `people` in `files`.

    Records go whole: a record that any of the rows feeds, and every row that then feeds no record any more.
    """

    def scan(table: str) -> pl.LazyFrame:
        return scan_files(home, table, [file for file in files.values() if file.table == table])

    named = pl.Series("id", sorted(set(touched)), dtype=pl.String)
    fed = scan("records").select("record_id", row_id="row_ids").explode("row_id").unique().collect()
    records = _ids(fed.filter(pl.col("row_id").is_in(named.implode()))["record_id"])
    is_gone = pl.col("record_id").is_in(records.implode())
    rows = _ids(pl.concat([named, _alone(fed, "row_id", is_gone).alias("id")]))
    pairs = scan("pairs").select("pair_id", "record_id", "pair_key", "component_id").collect()
    said = pl.concat([scan(table).select("record_id", "annotator_id") for table in _JUDGMENTS]).unique().collect()
    responses = scan("responses").select("record_id", "response_id").unique().collect()
    attachments = scan("attachments").select("record_id", "media_id").unique().collect()
    # A prompt's content has the id of a response with its text, see `training.data`.
    prompts = scan("records").select("record_id", content_id=digest(pl.lit("response"), pl.col("prompt_text"))).unique()
    contents = pl.concat([responses.select("record_id", content_id="response_id"), prompts.collect()])
    comparisons = scan("comparisons").select("record_id", "comparison_id").filter(is_gone).collect()
    annotators = pl.concat([_alone(said, "annotator_id", is_gone), pl.Series(sorted(people), dtype=pl.String)])
    return Gone(
        rows=rows,
        records=records,
        pairs=_ids(pairs.filter(is_gone)["pair_id"]),
        pair_keys=_alone(pairs, "pair_key", is_gone),
        comparisons=_ids(comparisons["comparison_id"]),
        responses=_alone(responses, "response_id", is_gone),
        contents=_alone(contents, "content_id", is_gone),
        media=_alone(attachments, "media_id", is_gone),
        annotators=_ids(annotators),
        components=_alone(pairs, "component_id", is_gone),
    )


def _alone(frame: pl.DataFrame, column: str, is_gone: pl.Expr) -> pl.Series:
    """Return the values of `column` that only rows which are gone have."""
    left = frame.filter(~is_gone)[column].unique()
    return _ids(frame.filter(is_gone & ~pl.col(column).is_in(left.implode()))[column])


def _ids(found: pl.Series) -> pl.Series:
    return found.drop_nulls().unique().sort().alias("id")
