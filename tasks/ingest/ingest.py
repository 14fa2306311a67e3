"""The stage that turns the rows of a shard into facts."""

from __future__ import annotations

import re
from collections.abc import Mapping as Counts
from typing import ClassVar

import polars as pl

from schemas.batch import Rows
from schemas.mapping import Mapping
from schemas.stage import Stage
from tasks.ingest.judged import Places, annotators_of, judged_tables
from tasks.ingest.reading import Reading, read
from tasks.ingest.records import Origin, identified, records_of, responses_of
from tasks.ingest.rows.faults import Fault
from tasks.ingest.rows.frames import fitted
from tasks.ingest.rows.keys import row_keys
from tasks.ingest.rows.paths import Doc, optional
from tasks.ingest.rows.pseudonym import Nameless, Pseudonym, name_ways, replace_names

OVERALL = "overall"


class Ingest(Stage):
    """Apply one source's mapping to its rows, losing nothing: `restore` rebuilds the rows from the facts."""

    version: ClassVar[int] = 1

    source: str
    adapter: str
    mapping: Mapping
    dimension: str | None = None
    license: str | None = None
    split: str | None = None
    evaluation_only: bool | None = None

    def __call__(
        self, rows: Rows, file: str, pseudonym: Pseudonym, repeats: Counts[str, int] | None = None
    ) -> dict[str, pl.DataFrame]:
        """Return the fact tables of `rows`, and `_digests`, which says how often each digest was seen.

        Rows that cannot be mapped are in `quarantine` with the reason. `repeats` holds the sums of `_digests` over
        the shards that come earlier in the source, so that equal rows are told apart the same way however the source
        is cut.
        """
        named = replace_names(self.mapping, rows.docs, rows.raw, pseudonym)
        others = [bad.raw for bad in rows.bad] + [""] * len(rows.blank)
        whole = [{"row": doc} for doc in named.docs] if self.mapping.tree is not None else named.docs
        native = [*optional(whole, self.mapping.id), *[None] * len(others)]
        keys, digests = row_keys(self.source, [*named.canonical, *others], native, repeats or {})
        reading = read(self.mapping, named.docs, pseudonym)
        tables = _facts(self._origin(file), reading, named.docs, keys)
        tables["rows"] = fitted("rows", self._rows(rows, named, file, keys, reading.faults))
        tables["quarantine"] = fitted("quarantine", self._quarantine(tables["rows"], rows, reading.faults))
        tables["annotators"] = annotators_of(self.source, tables)
        return tables | {"_digests": digests}

    def _origin(self, file: str) -> Origin:
        """Say what the plan and the file's path know about every row of the file."""
        found = re.search(self.mapping.path_pattern, file) if self.mapping.path_pattern else None
        path = found.groupdict() if found is not None else {}
        return Origin(
            source=self.source,
            adapter=self.adapter,
            mapping=self.mapping,
            overall=self.dimension or path.get("dimension") or OVERALL,
            license=path.get("license") or self.license,
            split=path.get("split") or self.split,
            language=path.get("language"),
            generator=path.get("generator"),
            evaluation_only=self.evaluation_only,
        )

    def _rows(
        self, rows: Rows, named: Nameless, file: str, keys: pl.DataFrame, faults: dict[int, Fault]
    ) -> pl.DataFrame:
        """List every input row once: the mapped, then those that cannot be read, then the blank ones."""
        fates = ["quarantined" if row in faults else "mapped" for row in range(len(rows.docs))]
        fates += ["quarantined"] * len(rows.bad) + ["blank"] * len(rows.blank)
        # A line that cannot be parsed may hold a name that cannot be found.
        unread = [None if name_ways(self.mapping) else bad.raw for bad in rows.bad]
        raw = [*named.raw, *unread, *[None] * len(rows.blank)]
        return keys.select("row_id").with_columns(
            pl.lit(self.source).alias("source"),
            pl.lit(file).alias("file"),
            pl.Series("line", [*rows.lines, *(bad.line for bad in rows.bad), *(b[0] for b in rows.blank)], pl.Int64),
            pl.Series(
                "byte_offset",
                [*rows.byte_offsets, *(bad.byte_offset for bad in rows.bad), *(b[1] for b in rows.blank)],
                pl.Int64,
            ),
            pl.Series("fate", fates, pl.String),
            pl.Series("raw_json", raw, pl.String),
        )

    def _quarantine(self, listed: pl.DataFrame, rows: Rows, faults: dict[int, Fault]) -> pl.DataFrame:
        """Say of every row that is set aside why it is."""
        mapped = [(at, str(fault.reason), fault.detail) for at, fault in sorted(faults.items())]
        first = len(rows.docs)
        unread = [(first + at, str(bad.reason), bad.detail) for at, bad in enumerate(rows.bad)]
        why = pl.DataFrame(
            mapped + unread, schema={"at": pl.Int64, "reason": pl.String, "detail": pl.String}, orient="row"
        )
        return listed[why["at"]].rename({"raw_json": "raw"}).hstack(why.drop("at"))


def _facts(origin: Origin, reading: Reading, docs: list[Doc], keys: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Build the tables of what the rows say, without the rows that have a fault."""
    named = identified(origin, reading, keys)
    responses = responses_of(origin, reading, named)
    records = records_of(origin, reading, docs, named, responses)
    is_good = pl.Series([row not in reading.faults for row in reading.items.rows], dtype=pl.Boolean)
    counts = records["response_count"]
    places = Places(named, is_good, counts.cum_sum() - counts, counts, responses["response_id"])
    judged = judged_tables(reading, places, origin.overall)
    return judged | {
        "records": fitted("records", records.filter(is_good)),
        "responses": fitted("responses", responses.filter(is_good.gather(responses["item"]))),
    }
