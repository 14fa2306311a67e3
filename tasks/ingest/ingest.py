"""The stage that turns the rows of a shard into facts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Counts
from typing import ClassVar, get_args

import polars as pl

from schemas.mapping.mapping import Mapping
from schemas.media import Modality
from schemas.plan.sources import Join
from schemas.reasons import Reason
from schemas.rows.batch import Rows
from schemas.rows.tombstones import Forgotten
from schemas.stage import Stage
from tasks.ingest.items.groups import with_members
from tasks.ingest.items.kinds import Items
from tasks.ingest.judged import Places, annotators_of, judged_tables
from tasks.ingest.media.attachments import attached, attachments_of
from tasks.ingest.media.rows import Media, take_out
from tasks.ingest.reading import Reading, read, read_references
from tasks.ingest.records import Origin, identified, records_of, responses_of
from tasks.ingest.rows.faults import Fault, Faults
from tasks.ingest.rows.forgotten import find_forgotten, without_votes
from tasks.ingest.rows.frames import fitted
from tasks.ingest.rows.join import Partners, gather, names_of
from tasks.ingest.rows.keys import row_keys
from tasks.ingest.rows.listing import Part, listed
from tasks.ingest.rows.paths import Doc, optional
from tasks.ingest.rows.pseudonym import Pseudonym, replace_names

OVERALL = "overall"
NOTHING = Forgotten()
NO_MEDIA = Media()


class Ingest(Stage):
    """Apply one source's mapping to its rows, losing nothing: `restore` rebuilds the rows from the facts."""

    version: ClassVar[int] = 5

    source: str
    adapter: str
    mapping: Mapping
    join: Join | None = None
    dimension: str | None = None
    license: str | None = None
    split: str | None = None
    evaluation_only: bool | None = None

    def __call__(
        self,
        rows: Rows,
        file: str,
        pseudonym: Pseudonym,
        repeats: Counts[str, int] | None = None,
        partners: Partners | None = None,
        forgotten: Forgotten = NOTHING,
        media: Media = NO_MEDIA,
    ) -> dict[str, pl.DataFrame]:
        """Return the fact tables of `rows`, and `_digests`, which says how often each digest was seen.

        Rows that cannot be mapped are in `quarantine` with the reason. `repeats` holds the sums of `_digests` over
        the shards that come earlier in the source, so that equal rows are told apart the same way however the source
        is cut. With a join, `partners` holds the rows of the second file. Of what is `forgotten`, `rows` says where it
        stands and nothing else is left. Bytes of media go to the shelf of `media`, which also knows what references
        lead to; `_blobs` lists them all.
        """
        rows, media = take_out(self.mapping, rows, media)
        ways, _ = names_of(self.mapping, self.join)
        named = replace_names(ways, rows.docs, rows.raw, pseudonym)
        named = without_votes(self.mapping, named, forgotten.names)
        others = [bad.raw for bad in rows.bad] + [""] * len(rows.blank)
        whole = [{"row": doc} for doc in named.docs] if self.mapping.unfolds else named.docs
        native = [*optional(whole, self.mapping.id), *[None] * len(others)]
        keys, digests = row_keys(self.source, [*named.canonical, *others], native, repeats or {})
        gone = find_forgotten(self.source, named.raw, keys, forgotten)
        part = Part(file, rows, named, keys, bool(ways), gone)
        tables, faults = self._mapped(part, pseudonym, partners, media)
        tables |= listed(self.source, part, faults)
        tables["annotators"] = annotators_of(self.source, tables)
        return tables | {"_digests": digests}

    def _mapped(
        self, part: Part, pseudonym: Pseudonym, partners: Partners | None, media: Media
    ) -> tuple[dict[str, pl.DataFrame], Faults]:
        """Return what the rows say, and what is wrong with those that say nothing."""
        origin, docs = self._origin(part.file), part.named.docs
        row_ids = part.keys["row_id"].head(len(docs))
        gone = _taken_down(part)
        judge = None if origin.annotator is None else pseudonym(origin.annotator)
        if partners is None:
            reading = read(self.mapping, docs, pseudonym, gone, judge)
            tables = _facts(origin, reading, with_members(docs, reading.items), part.keys, media)
            return tables | {"records": _fed_by_members(tables["records"], reading.items, row_ids)}, reading.faults
        joined = partners.join_to(part.rows.docs, docs)
        reading = read(self.mapping, joined.docs, pseudonym, gone, judge)
        reading.faults.update({**joined.faults, **gone})
        tables = _facts(origin, reading, partners.kept_once(joined, docs, reading.faults), part.keys, media)
        return tables | {"records": partners.name_in(tables["records"], row_ids, joined.places)}, reading.faults

    def references(self, rows: Rows) -> list[str]:
        """List what `rows` name of media without holding the bytes, each once."""
        bare, _ = take_out(self.mapping, rows, NO_MEDIA)
        return read_references(self.mapping, bare.docs)

    def gather(
        self, batches: Iterable[tuple[str, Rows]], pseudonym: Pseudonym, forgotten: Forgotten = NOTHING
    ) -> Partners | None:
        """Read the second file whole, given its rows with the name of their file; none if there is no join."""
        if self.join is None:
            return None
        _, ways = names_of(self.mapping, self.join)
        return gather(self.join, self.source, ways, batches, pseudonym, forgotten)

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
            annotator=path.get("annotator"),
            modality=_modality(path.get("modality")) or self.mapping.modality,
            evaluation_only=self.evaluation_only,
        )


def _modality(said: str | None) -> Modality | None:
    return next((kind for kind in get_args(Modality) if kind == said), None)


def _fed_by_members(records: pl.DataFrame, items: Items, row_ids: pl.Series) -> pl.DataFrame:
    """Add to the `row_ids` of each record those of the other rows that it was made of."""
    if not items.members:
        return records
    ids = row_ids.to_list()
    own = [[ids[at] for at in others] for others in items.members.values()]
    firsts = [ids[at] for at in items.members]
    known = pl.DataFrame({"row_id": firsts, "own": own}, schema={"row_id": pl.String, "own": pl.List(pl.String)})
    named = records.with_columns(row_id=pl.col("row_ids").list.first())
    named = named.join(known, on="row_id", how="left", maintain_order="left")
    return named.with_columns(pl.concat_list("row_ids", "own")).select(records.columns)


def _taken_down(part: Part) -> Faults:
    return {at: Fault(Reason.forgotten, "") for at in part.forgotten if at < len(part.named.docs)}


def _facts(
    origin: Origin, reading: Reading, docs: list[Doc], keys: pl.DataFrame, media: Media
) -> dict[str, pl.DataFrame]:
    """Build the tables of what the rows say, without the rows that have a fault."""
    named = identified(origin, reading, keys)
    media_here = attached(
        origin.source, origin.mapping, reading.items.docs, reading.answers, media.found, origin.modality
    )
    responses = responses_of(origin, reading, named, media_here)
    records = records_of(origin, reading, docs, named, responses, media_here)
    is_good = pl.Series([row not in reading.faults for row in reading.items.rows], dtype=pl.Boolean)
    counts = records["response_count"]
    places = Places(named, is_good, counts.cum_sum() - counts, counts, responses["response_id"])
    judged = judged_tables(reading, places, origin.overall)
    media_here = media_here.filter(is_good.gather(media_here["item"]))
    return judged | {
        "attachments": fitted("attachments", attachments_of(media_here, named, responses)),
        "_blobs": media_here.select("media_id", "sha256", "bytes", "modality", "reference", "error"),
        "records": fitted("records", records.filter(is_good)),
        "responses": fitted("responses", responses.filter(is_good.gather(responses["item"]))),
    }
