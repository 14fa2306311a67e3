"""Rows as intake would hand them over, and the shortest way from them to facts."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from schemas.mapping.mapping import Mapping
from schemas.rows.batch import Rows
from tasks.ingest.ingest import Ingest
from tasks.ingest.media.rows import Media, put_back
from tasks.ingest.recognise import adapters, recognise
from tasks.ingest.restore import restore
from tasks.ingest.rows.pseudonym import Pseudonym, name_ways, replace_names

PSEUDONYM = Pseudonym(b"a secret")


class Kept(dict):
    """A shelf that keeps everything by its digest."""

    def put(self, data):
        sha256 = hashlib.sha256(data).hexdigest()
        self[sha256] = data
        return sha256


SHELF = Kept()
REAL_DATA = Path(__file__).parents[3] / "../shared/data"


def real_data(place):
    """Skip the test where the real data are not at hand."""
    if not (REAL_DATA / place).exists():
        pytest.skip(f"needs the real data set {place}, which is not part of the repository")
    return REAL_DATA / place


def rows_of(docs, bad=(), blank=()):
    count = len(docs)
    raw = [json.dumps(doc, ensure_ascii=False) for doc in docs]
    return Rows(list(docs), list(range(1, count + 1)), [None] * count, raw, list(bad), list(blank))


def ingest_by(mapping, **about):
    about = {"source": "here", "adapter": "mapping"} | about
    return Ingest(mapping=Mapping.model_validate(mapping), **about)


def adapter(name):
    return next(each for each in adapters() if each.name == name)


def recognised(docs):
    found = recognise({column for doc in docs for column in doc}, docs[:20])
    about = {"license": found.license, "evaluation_only": found.evaluation_only}
    return Ingest(source="here", adapter=found.name, mapping=found.mapping, **about)


def facts_of(ingest, docs, file="rows.jsonl", **rows):
    return ingest(rows_of(docs, **rows), file, PSEUDONYM, {}, media=Media(SHELF))


def mapped(docs, mapping, **about):
    """The facts of `docs` under a mapping that is written down in the test."""
    return facts_of(ingest_by(mapping, **about), docs)


def reasons(facts):
    return dict(facts["quarantine"].select("line", "reason").iter_rows())


def assert_nothing_is_lost(ingest, facts, docs):
    """Rebuild the mapped rows without their raw text, and compare them, types and all, with what came in."""
    withheld = facts | {"rows": facts["rows"].with_columns(raw_json=pl.lit(None, pl.String))}
    lines = facts["rows"].filter(pl.col("fate") == "mapped")["line"].to_list()
    nameless = replace_names(name_ways(ingest.mapping), docs, [""] * len(docs), PSEUDONYM).docs
    wanted = [nameless[line - 1] for line in lines]
    rebuilt = put_back(ingest.mapping, restore(ingest, withheld), SHELF.__getitem__)
    assert [_sorted(doc) for doc in rebuilt] == [_sorted(doc) for doc in wanted]


def _sorted(doc):
    return json.dumps(doc, sort_keys=True, ensure_ascii=False)
