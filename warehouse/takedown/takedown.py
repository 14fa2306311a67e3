"""A takedown from wish to end: what it would take, the tombstones, and the carrying out that always ends."""

from __future__ import annotations

import uuid
from collections.abc import Mapping as Files
from datetime import UTC, datetime
from typing import NamedTuple

import polars as pl

from schemas.mapping.mapping import Mapping
from schemas.mapping.opinions import VoteTable
from schemas.rows.tombstones import TOMBSTONES, key_tombstone
from warehouse.database import open_snapshot
from warehouse.delta.snapshots import files_of, snapshot_at
from warehouse.home import Home
from warehouse.runs import Lock
from warehouse.store import Store, Written, scan_files
from warehouse.takedown.equals import placed_rows, with_equals
from warehouse.takedown.gone import Gone, files_by_path, find_gone
from warehouse.takedown.purge import count_hits, purge
from warehouse.takedown.tombstones import Takedown, bury, note, pending, takedowns
from warehouse.takedown.wish import Meant, Wish, resolve


class Preview(NamedTuple):
    """What a takedown would take: rows per table, in the newest snapshot and in older ones alone.

    Up to `returning` rows come back with the next run, without the votes that go; `copies` are rows elsewhere that hold
    a pair which goes, and that stay.
    """

    tombstones: pl.DataFrame
    newest: dict[str, int]
    older: dict[str, int]
    rows: int
    returning: int
    copies: list[str]


def preview(home: Home, wish: Wish) -> Preview:
    """Find out what `wish` would take, and change nothing. Raises Terminal if it means nothing."""
    store, files, meant = Store(home), files_by_path(home), resolve(home, wish)
    tombstones, gone = _describe(store, files, meant)
    copies = _copies(home, files, gone)
    if wish.copies and copies:
        meant = meant._replace(rows=meant.rows | set(copies))
        tombstones, gone = _describe(store, files, meant)
        copies = _copies(home, files, gone)
    hits = count_hits(home, files, gone)
    now = {file.path for file in files_of(home, snapshot_at(home))}
    lists_votes = pl.col("source").is_in(_sources_with_votes(home))
    stay_away = tombstones.filter((pl.col("kind") == "row") | (pl.col("kind") == "annotator") & ~lists_votes)
    return Preview(
        tombstones,
        _sum(files, {path: n for path, n in hits.items() if path in now}),
        _sum(files, {path: n for path, n in hits.items() if path not in now}),
        rows=gone.rows.len(),
        returning=len(set(gone.rows) - set(stay_away["row_id"])),
        copies=copies,
    )


def take_down(home: Home, tombstones: pl.DataFrame, reason: str, asked_by: str) -> Takedown:
    """Carry out a takedown that `preview` described. What was cut short before is finished first."""
    with Lock(home):
        finish_takedowns(home)
        name, now = uuid.uuid4().hex, datetime.now(UTC).replace(microsecond=0)
        said = {"reason": reason, "asked_by": asked_by, "at": now.isoformat()}
        bury(home, name, tombstones.with_columns(pl.lit(value).alias(key) for key, value in said.items()))
        finish_takedowns(home)
        return next(each for each in takedowns(home) if each.takedown == name)


def finish_takedowns(home: Home) -> list[Takedown]:
    """Carry out every takedown that was begun and not finished. The caller holds the home's lock."""
    finished = []
    for name, tombstones in pending(home).items():
        counted = purge(Store(home), name, tombstones)
        said = tombstones.select("at", "asked_by", "reason").row(0, named=True)
        finished.append(Takedown(takedown=name, rows=counted, **said))
        note(home, finished[-1])
    return finished


def _sources_with_votes(home: Home) -> list[str]:
    """Name the sources whose rows list the votes of several people."""
    found = []
    for source, mapping in open_snapshot(home).table("sources").select("source", "mapping").collect().iter_rows():
        votes = Mapping.model_validate_json(mapping).annotators if mapping else None
        if isinstance(votes, VoteTable) and votes.id is not None:
            found.append(source)
    return found


def _describe(store: Store, files: Files[str, Written], meant: Meant) -> tuple[pl.DataFrame, Gone]:
    """Write the tombstones of what is meant, and find what goes with it."""
    rows = with_equals(store, files, pl.Series(sorted(meant.rows), dtype=pl.String))
    placed = placed_rows(store, files)
    keys = pl.DataFrame(sorted(meant.keys), schema=["source", "source_key", "row_id"], orient="row")
    people = pl.DataFrame(sorted(meant.people), schema=["digest", "row_id"], orient="row")
    strings = pl.String
    keys, people = keys.cast(strings), people.cast(strings)
    by_key = keys.select("row_id", digest=key_tombstone(pl.col("source"), pl.col("source_key"))).lazy()
    gone = find_gone(store.home, files, [*rows["row_id"], *people["row_id"]], people["digest"].unique())
    told = [
        rows.with_columns(kind=pl.lit("row")),
        placed.join(by_key, on="row_id").with_columns(kind=pl.lit("key")).collect(),
        placed.join(people.lazy(), on="row_id").with_columns(kind=pl.lit("annotator")).collect(),
        pl.DataFrame({"digest": gone.records}).with_columns(kind=pl.lit("record")),
        pl.DataFrame({"digest": gone.media}).with_columns(kind=pl.lit("medium")),
    ]
    return pl.concat([_fitted(each) for each in told]), gone


def _fitted(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None, kind).alias(name) for name, kind in TOMBSTONES.items() if name not in frame.columns]
    return frame.with_columns(missing).select(TOMBSTONES.names())


def _copies(home: Home, files: Files[str, Written], gone: Gone) -> list[str]:
    """Return the rows that stay although they hold a pair, prompt and both responses, which goes."""
    pairs = scan_files(home, "pairs", [file for file in files.values() if file.table == "pairs"])
    records = scan_files(home, "records", [file for file in files.values() if file.table == "records"])
    is_gone = pl.col("pair_id").is_in(gone.pairs.implode())
    keys = pairs.filter(is_gone).select("pair_key").unique()
    others = pairs.filter(~is_gone).join(keys, on="pair_key", how="semi").select("record_id").unique()
    fed = records.join(others, on="record_id", how="semi").select(pl.col("row_ids").explode().alias("row_id"))
    return sorted(set(fed.collect()["row_id"]) - set(gone.rows))


def _sum(files: Files[str, Written], hits: Files[str, int]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for path, rows in hits.items():
        counted[files[path].table] = counted.get(files[path].table, 0) + rows
    return dict(sorted(counted.items()))
