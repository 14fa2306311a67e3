"""What somebody wants taken down, and which rows of a home that means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from schemas.errors import Terminal
from schemas.stage import Settings
from warehouse.answers.explain import ambiguous, find_ids
from warehouse.database import Warehouse, open_snapshot
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home
from warehouse.takedown.tombstones import read_tombstones

SHORTEST = 8
_FED = "select unnest(row_ids) as row_id from records"
_ROWS_OF = {
    "row": "select $id as row_id",
    "record": f"{_FED} where record_id = $id",
    "pair": f"{_FED} join pairs using (record_id) where pair_id = $id",
    "response": f"{_FED} join responses using (record_id) where response_id = $id",
    "comparison": "select row_id from comparisons where comparison_id = $id",
    "media": f"{_FED} join attachments using (record_id) where media_id = $id",
}
_JUDGED_BY = """
    select row_id from comparisons where annotator_id = $id
    union all select row_id from rankings where annotator_id = $id
    union all select row_id from ratings where annotator_id = $id
    union all select row_id from labels where annotator_id = $id
    union all select row_id from feedback where annotator_id = $id"""
_NAMING = """
    select row_id from rows where contains(raw_json, $id)
    union all select row_id from quarantine where contains(raw, $id)"""
_OF_FILE = """
    select row_id from rows where file = $file
    and (len($sources::varchar[]) = 0 or list_contains($sources::varchar[], source))"""
_OF_KEY = """
    select source, source_key, unnest(row_ids) as row_id from records where source_key = $key
    and (len($sources::varchar[]) = 0 or list_contains($sources::varchar[], source))"""


class Wish(Settings):
    """What must go: things by id, everything of annotators (by pseudonym), rows by key or file, or a query's rows."""

    ids: list[str] = []
    annotators: list[str] = []
    keys: list[str] = []
    files: list[str] = []
    sources: list[str] = []
    queries: list[str] = []
    copies: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is meant."""
        return not (self.ids or self.annotators or self.keys or self.files or self.queries)


class Meant(NamedTuple):
    """Rows that are meant by their content, by (source, key) and by annotator; all as lists of ids."""

    rows: set[str]
    keys: set[tuple[str, str, str]]
    people: set[tuple[str, str]]


def split_off_forgotten(home: Home, wish: Wish) -> tuple[Wish, list[str]]:
    """Take out of `wish` what has a tombstone already, and return it as a list."""
    known = read_tombstones(home)
    ids = {*known.filter(kind="record")["digest"], *known.filter(kind="row")["row_id"]}
    done = [start for start in wish.ids if len(start) >= SHORTEST and any(each.startswith(start) for each in ids)]
    people = set(known.filter(kind="annotator")["digest"])
    done += [name for name in wish.annotators if name in people]
    return wish.model_copy(
        update={
            "ids": [each for each in wish.ids if each not in done],
            "annotators": [each for each in wish.annotators if each not in done],
        }
    ), done


def resolve(home: Home, wish: Wish) -> Meant:
    """Find what `wish` means in any kept snapshot. Raises Terminal that names what is in none of them."""
    if wish.is_empty:
        what = "its --key or --file" if wish.sources else "an ID, --annotator, --key, --file or --query"
        raise Terminal(f"say what is to be forgotten: {what} (a whole source leaves with its lines in the plan)")
    kept = [open_snapshot(home, each.snapshot) for each in reversed(snapshots(home))]
    if not kept:
        raise Terminal(f"{home.path} has no snapshot yet, so there is nothing to forget")
    rows = {row for start in wish.ids for row in _of_id(kept, start)}
    rows |= {row for file in wish.files for row in _of_file(kept, file, wish.sources)}
    rows |= {row for query in wish.queries for row in _of_query(kept, query)}
    keys = {found for key in wish.keys for found in _of_key(kept, key, wish.sources)}
    people = {(name, row) for name in wish.annotators for row in _of_person(kept, name)}
    return Meant(rows | {row for *_, row in keys}, keys, people)


def _all(kept: list[Warehouse], query: str, values: Mapping[str, object]) -> pl.DataFrame:
    found = [opened.sql(query, values) for opened in kept]
    return pl.concat(found).unique()


def _of_id(kept: list[Warehouse], start: str) -> list[str]:
    if len(start) < SHORTEST:
        raise Terminal(
            f"'{start}' is too short to delete by: give at least {SHORTEST} characters of an id; "
            "a source's own key goes with --key"
        )
    for opened in kept:
        found = find_ids(opened, start)
        if len({name for _, name in found}) > 1:
            raise ambiguous(start, found)
        if found:
            return [row for kind, name in found for row in _all(kept, _ROWS_OF[kind], {"id": name})["row_id"]]
    raise Terminal(f"no kept snapshot has anything called {start}: the tables hold the ids, such as records.record_id")


def _of_file(kept: list[Warehouse], file: str, sources: list[str]) -> list[str]:
    found = _all(kept, _OF_FILE, {"file": file, "sources": sources})
    if found.is_empty():
        raise Terminal(f"no kept snapshot has a row of the file {file}: rows.file has the names")
    return found["row_id"].to_list()


def _of_key(kept: list[Warehouse], key: str, sources: list[str]) -> list[tuple[str, str, str]]:
    found = _all(kept, _OF_KEY, {"key": key, "sources": sources})
    if found.is_empty():
        place = f"source {' or '.join(sources)}" if sources else "any source"
        raise Terminal(f"no record of {place} has the key {key}: records.source_key has the keys")
    return [(source, name, row) for source, name, row in found.iter_rows()]


def _of_person(kept: list[Warehouse], name: str) -> list[str]:
    named = set(_all(kept, _NAMING, {"id": name})["row_id"])
    judged = set(_all(kept, _JUDGED_BY, {"id": name})["row_id"])
    if not named and judged:
        raise Terminal(
            f"{name} stands for a column of votes and not for a person: take the column out of `annotators` in the plan"
        )
    if not named:
        raise Terminal(f"no kept snapshot has anything of the annotator {name}: annotators.annotator_id has the names")
    return sorted(named | judged)


def _of_query(kept: list[Warehouse], query: str) -> list[str]:
    found: set[str] = set()
    for opened in kept:
        answer = opened.sql(query)
        if "row_id" in answer.columns:
            found |= set(answer["row_id"].drop_nulls())
        elif "record_id" in answer.columns:
            records = answer["record_id"].drop_nulls().unique().to_list()
            fed = "select unnest(row_ids) as row_id from records where list_contains($records::varchar[], record_id)"
            found |= set(opened.sql(fed, {"records": records})["row_id"])
        else:
            raise Terminal("--query must answer with a column row_id or record_id: they say which rows are meant")
    if not found:
        raise Terminal("--query finds nothing in any kept snapshot")
    return sorted(found)
