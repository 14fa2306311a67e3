"""Rows of a second file find the rows of the main file that they belong to, by equal keys.

They arrive as a list, in the order of their file, in a column of the main row that only the mapping sees: no id is
made of them, so a record stays the same record when a vote is added. In tables they are rows of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Lookup
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from schemas.batch import Rows
from schemas.mapping import DEEP, EACH, Mapping, steps
from schemas.paths import Way, branches_of
from schemas.plan import Join
from schemas.reasons import Reason
from schemas.tombstones import Forgotten
from tasks.ingest.rows.faults import Fault, Faults, absent
from tasks.ingest.rows.forgotten import find_forgotten
from tasks.ingest.rows.jsontext import canonical
from tasks.ingest.rows.keys import row_keys
from tasks.ingest.rows.listing import Part, listed
from tasks.ingest.rows.paths import MISSING, Doc, column, value
from tasks.ingest.rows.pseudonym import Pseudonym, name_ways, replace_names


class Joined(NamedTuple):
    """Main rows with their partners: as the mapping sees them, which partners they are, and which rows cannot join."""

    docs: list[Doc]
    places: list[list[int]]
    faults: Faults


class Partners(NamedTuple):
    """All rows of the second file, without names: by place, with their ids, and by key the places."""

    join: Join
    source: str
    docs: list[Doc]
    row_ids: list[str]
    by_key: Lookup[str, list[int]]
    parts: list[Part]

    def join_to(self, docs: Sequence[Doc], nameless: Sequence[Doc]) -> Joined:
        """Give main rows their partners; `docs` are those rows with names, which may be what they are joined by.

        A row without the key's column has a fault, as has one with a column that is called like the partners'.
        """
        into, faults = self.join.into, Faults()
        keys = column(docs, self.join.here)
        places = [self.by_key.get(key_text(key) or "", []) for key in keys]
        for row, key in enumerate(keys):
            if key is MISSING:
                faults[row] = absent(self.join.here, key, docs[row])
            elif into in docs[row]:
                clash = f"the row has a column '{into}' itself: let the join go into another one"
                faults[row] = Fault(Reason.wrong_type, clash)
        pairs = zip(nameless, places, strict=True)
        return Joined([{**doc, into: [self.docs[at] for at in own]} for doc, own in pairs], places, faults)

    def kept_once(self, joined: Joined, nameless: Sequence[Doc], faults: Faults) -> list[Doc]:
        """Leave partners out of all main rows but the first good one that has them: the others add nothing."""
        kept, seen = list(nameless), set[int]()
        for row, own in enumerate(joined.places):
            if own and row not in faults and own[0] not in seen:
                seen.add(own[0])
                kept[row] = joined.docs[row]
        return kept

    def name_in(self, records: pl.DataFrame, row_ids: pl.Series, places: Sequence[Sequence[int]]) -> pl.DataFrame:
        """Add to the `row_ids` of each record those of its main row's partners."""
        own = pa.array([[self.row_ids[at] for at in each] for each in places], pa.list_(pa.string()))
        known = pl.DataFrame([row_ids.alias("row_id"), pl.Series("own", own)])
        named = records.with_columns(row_id=pl.col("row_ids").list.first())
        named = named.join(known, on="row_id", how="left", maintain_order="left")
        return named.with_columns(pl.concat_list("row_ids", "own")).select(records.columns)

    def tables(self, records: pl.DataFrame) -> list[dict[str, pl.DataFrame]]:
        """List all rows of the second file in `rows`; those that feed none of `records` are in `quarantine`."""
        fed = set(records["row_ids"].explode())
        return [listed(self.source, part, self._faults(part, fed)) for part in self.parts]

    def _faults(self, part: Part, fed: set[str]) -> Faults:
        path, way = self.join.there, steps(self.join.there)
        ids = part.keys["row_id"].to_list()
        faults = Faults()
        for row, doc in enumerate(part.named.docs):
            if ids[row] in fed:
                continue
            key = value(doc, way)
            if key is MISSING:
                faults[row] = absent(path, key, doc)
            else:
                detail = f"'{path}' is {canonical(key)[:80]}, which no mapped row of the main file has in"
                faults[row] = Fault(Reason.no_partner, f"{detail} '{self.join.here}'")
        return faults


def gather(
    join: Join,
    source: str,
    ways: Sequence[Way],
    batches: Iterable[tuple[str, Rows]],
    pseudonym: Pseudonym,
    forgotten: Forgotten,
) -> Partners:
    """Read the second file whole. `batches` are its rows with the name of their file, `ways` where they hold names.

    What is `forgotten` of it is nobody's partner.
    """
    seen: dict[str, int] = {}
    by_key: dict[str, list[int]] = defaultdict(list)
    docs: list[Doc] = []
    row_ids: list[str] = []
    parts = []
    for file, rows in batches:
        named = replace_names(ways, rows.docs, rows.raw, pseudonym)
        texts = [*named.canonical, *(bad.raw for bad in rows.bad), *[""] * len(rows.blank)]
        # No row of the main file has the same id, whatever it holds: the name of a source has no plus sign.
        keys, digests = row_keys(f"{source}+joined", texts, [None] * len(texts), seen)
        for digest, times in digests.iter_rows():
            seen[digest] = seen.get(digest, 0) + times
        gone = find_forgotten(source, named.raw, keys, forgotten)
        for at, key in enumerate(column(rows.docs, join.there)):
            text = key_text(key)
            if text is not None and at not in gone:
                by_key[text].append(len(docs) + at)
        docs += named.docs
        row_ids += keys["row_id"].head(len(rows.docs)).to_list()
        parts.append(Part(file, rows, named, keys, bool(ways), gone))
    return Partners(join, source, docs, row_ids, dict(by_key), parts)


def key_text(key: Any) -> str | None:
    """Write a key as the text that is compared: 1, 1.0 and '1' are equal; null and '' are no keys."""
    if key is None or key is MISSING or key == "":
        return None
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    return key if isinstance(key, str) else canonical(key)


def names_of(mapping: Mapping, join: Join | None) -> tuple[list[Way], list[Way]]:
    """Say where rows of the main file, and rows of the second, hold people's names.

    A key that is a name in one file is one in the other.
    """
    main = name_ways(mapping)
    if join is None:
        return main, []
    joined = [way for way in main if way[0] == DEEP] + [_inside(way[1:]) for way in main if way[0] == join.into]
    here, there = steps(join.here), steps(join.there)
    if _is_name(here, main) and not _is_name(there, joined):
        joined.extend(branches_of(there))
    elif _is_name(there, joined) and not _is_name(here, main):
        main.extend(branches_of(here))
    return main, joined


def _inside(way: Way) -> Way:
    """Leave out the step from the list of partners to one of them."""
    return way[1:] if way and (isinstance(way[0], int) or way[0] == EACH) else way


def _is_name(way: Way, ways: Sequence[Way]) -> bool:
    """Tell whether one of `ways` leads to what lies at the end of `way`, or to something around it."""
    return any(way[: len(each)] == each or (each[0] == DEEP and way[1 - len(each) :] == each[1:]) for each in ways)
