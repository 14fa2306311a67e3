"""Rows of a second file find the rows of the main file that they belong to, by equal keys.

They arrive as a list, in the order of their file, in a column of the main row that only the mapping sees; if a row has
several keys, as a list of lists, one a key. No id is made of them, so a record stays the same record when a vote is
added. In tables they are rows of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Lookup
from itertools import chain
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from schemas.mapping.mapping import DEEP, EACH, Mapping, steps
from schemas.mapping.paths import Way, branches_of
from schemas.plan.sources import Join
from schemas.reasons import Reason
from schemas.rows.batch import Rows
from schemas.rows.tombstones import Forgotten
from tasks.ingest.rows.faults import Fault, Faults, absent
from tasks.ingest.rows.forgotten import find_forgotten
from tasks.ingest.rows.jsontext import canonical
from tasks.ingest.rows.keys import row_keys
from tasks.ingest.rows.listing import Part, listed
from tasks.ingest.rows.paths import MISSING, Doc, column, value
from tasks.ingest.rows.pseudonym import Pseudonym, name_ways, replace_names


class Joined(NamedTuple):
    """Main rows with their partners: as the mapping sees them, which partners they are, and which rows cannot join.

    `places` names the partners of all keys of a row, one key's after the other's.
    """

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
        into, faults, here = self.join.into, Faults(), self.join.keys.here
        for path in dict.fromkeys(chain.from_iterable(here)):
            for row, found in enumerate(column(docs, path)):
                if found is MISSING:
                    faults.setdefault(row, absent(path, found, docs[row]))
        for row, doc in enumerate(docs):
            if into in doc:
                clash = f"the row has a column '{into}' itself: let the join go into another one"
                faults.setdefault(row, Fault(Reason.wrong_type, clash))
        found = [[self.by_key.get(key or "", []) for key in key_texts(docs, paths)] for paths in here]
        by_row = list(zip(*found, strict=True))
        partners = [[[self.docs[at] for at in own] for own in keyed] for keyed in by_row]
        joined = [lists[0] if len(here) == 1 else lists for lists in partners]
        rows = [{**doc, into: said} for doc, said in zip(nameless, joined, strict=True)]
        return Joined(rows, [list(chain.from_iterable(keyed)) for keyed in by_row], faults)

    def kept_once(self, joined: Joined, nameless: Sequence[Doc], faults: Faults) -> list[Doc]:
        """Leave each partner out of all main rows but the first good one that has it: the others add nothing.

        The partners of a row are one list, with null for each that an earlier row keeps.
        """
        kept, seen = list(nameless), set[int]()
        for row, own in enumerate(joined.places):
            new = set(own) - seen
            if new and row not in faults:
                seen |= new
                kept[row] = {**nameless[row], self.join.into: [self.docs[at] if at in new else None for at in own]}
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
        paths, here = self.join.keys.there, " or ".join(", ".join(key) for key in self.join.keys.here)
        ids = part.keys["row_id"].to_list()
        faults = Faults()
        for row, doc in enumerate(part.named.docs):
            if ids[row] in fed:
                continue
            found = {path: value(doc, steps(path)) for path in paths}
            gone = [path for path in paths if found[path] is MISSING]
            if gone:
                faults[row] = absent(gone[0], MISSING, doc)
            else:
                said = ", ".join(f"'{path}' is {canonical(key)[:80]}" for path, key in found.items())
                faults[row] = Fault(Reason.no_partner, f"{said}, which no mapped row of the main file has in '{here}'")
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
        for at, text in enumerate(key_texts(rows.docs, join.keys.there)):
            if text is not None and at not in gone:
                by_key[text].append(len(docs) + at)
        docs += named.docs
        row_ids += keys["row_id"].head(len(rows.docs)).to_list()
        parts.append(Part(file, rows, named, keys, bool(ways), gone))
    return Partners(join, source, docs, row_ids, dict(by_key), parts)


def key_texts(docs: Sequence[Doc], paths: Sequence[str]) -> list[str | None]:
    """Write the key of each row as one text, whatever number of values it is of; none if one of them is no key."""
    columns = [[key_text(key) for key in column(docs, path)] for path in paths]
    if len(columns) == 1:
        return columns[0]
    return [None if None in values else canonical(values) for values in zip(*columns, strict=True)]


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
    levels = min(len(join.keys.here), 2)
    joined = [way for way in main if way[0] == DEEP]
    joined += [_inside(way[1:], levels) for way in main if way[0] == join.into]
    for key in join.keys.here:
        for here, there in zip(map(steps, key), map(steps, join.keys.there), strict=True):
            if _is_name(here, main) and not _is_name(there, joined):
                joined.extend(branches_of(there))
            elif _is_name(there, joined) and not _is_name(here, main):
                main.extend(branches_of(here))
    return main, list(dict.fromkeys(joined))


def _inside(way: Way, levels: int) -> Way:
    """Leave out the steps from the list of partners to one of them, of which there are two if it is a list of lists."""
    for _ in range(levels):
        way = way[1:] if way and (isinstance(way[0], int) or way[0] == EACH) else way
    return way


def _is_name(way: Way, ways: Sequence[Way]) -> bool:
    """Tell whether one of `ways` leads to what lies at the end of `way`, or to something around it."""
    return any(way[: len(each)] == each or (each[0] == DEEP and way[1 - len(each) :] == each[1:]) for each in ways)
