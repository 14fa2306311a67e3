"""People's names become keyed digests before anything else looks at a row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from schemas.mapping.mapping import DEEP, EACH, Key, Mapping, steps
from schemas.mapping.opinions import VoteTable
from schemas.mapping.paths import Way, branches_of
from tasks.ingest.rows.jsontext import canonical_rows, compact, decoded
from tasks.ingest.rows.paths import MISSING, Doc, changed

PREFIX: Final = "anon-"


class Pseudonym(NamedTuple):
    """The secret of a home. One name always gives one pseudonym; without the key nobody can tell which."""

    key: bytes

    def __call__(self, name: object) -> str:
        """Return the pseudonym of `name`: `anon-` and 16 hexadecimal digits. Numbers count as their text."""
        digest = hashlib.blake2b(str(name).encode(), digest_size=8, key=hashlib.sha256(self.key).digest())
        return PREFIX + digest.hexdigest()

    def of(self, found: Any) -> Any:
        """Replace every name in `found`, which may hold several, as JSON text too; null stays null."""
        held = decoded(found) if isinstance(found, str) else found
        if held is not found and isinstance(held, list):
            return compact(self.of(held))
        if isinstance(found, list):
            return [self.of(each) for each in found]
        if isinstance(found, dict):
            return {key: self.of(each) for key, each in found.items()}
        return found if found is None else self(found)


class Nameless(NamedTuple):
    """Rows with pseudonyms in place of names: parsed, as text, and as the canonical text that ids are made of."""

    docs: list[Doc]
    raw: list[str]
    canonical: list[str]


def replace_names(ways: Sequence[Way], docs: Sequence[Doc], raw: Sequence[str], pseudonym: Pseudonym) -> Nameless:
    """Replace names at the ends of `ways` in `docs` and `raw`; a row without any keeps its text byte for byte.

    The canonical text leaves names out altogether, so that no id tells who judged.
    """
    if not ways:
        return Nameless(list(docs), list(raw), canonical_rows(docs))
    named = [_change(doc, ways, pseudonym.of) for doc in docs]
    texts = [text if new == old else compact(new) for old, new, text in zip(docs, named, raw, strict=True)]
    bare = canonical_rows([_change(doc, ways, lambda _: MISSING) for doc in docs])
    return Nameless(named, texts, bare)


def name_ways(mapping: Mapping) -> list[Way]:
    """Say where the rows of `mapping` hold people's names."""
    ways = [steps(path) for path in mapping.private]
    judges = mapping.annotators
    if isinstance(judges, str):
        ways.append(steps(judges))
    tables = [winner.votes for winner in mapping.winner.values() if winner.votes is not None]
    lists = [(each.each, each.id) for each in [judges, *tables] if isinstance(each, VoteTable)]
    lists += [(block.each, block.annotator) for block in mapping.reviews if not block.lists]
    ways += [(*steps(each), EACH, *steps(name)) for each, name in lists if name is not None]
    parallel = [(block.each, block.annotator) for block in mapping.reviews if block.lists]
    ways += [(*steps(each), *steps(name)) for each, name in parallel if name is not None]
    branches = [branch for way in ways for branch in branches_of(way)]
    # Paths of a tree start at its messages, which lie anywhere in the row: the name is hidden wherever its key is.
    # A name that several parts of the mapping lead to is replaced once: a pseudonym must not get another one.
    return list(dict.fromkeys(_anywhere(way) for way in branches) if mapping.unfolds else dict.fromkeys(branches))


def _anywhere(way: Way) -> Way:
    return (DEEP, [step for step in way if isinstance(step, Key)][-1])


def _change(doc: Doc, ways: Sequence[Way], change: Any) -> Doc:
    for way in ways:
        doc = changed(doc, way, change)
    return doc
