"""Ids are digests of content: the same on every machine, in every file, however a source is cut."""

import itertools
import random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.identity import digest_text
from schemas.reasons import Reason
from schemas.rows.batch import BadRow
from tests.tasks.ingest.shards import PSEUDONYM, facts_of, ingest_by, rows_of

PAIRS = ingest_by({"prompt": "p", "responses": ["x", "y"], "winner": {"always": "a"}})
KEYED = ingest_by({"prompt": "p", "responses": ["x", "y"], "winner": {"always": "a"}, "id": "k"})
ROW = {"p": "?", "x": "one", "y": "two"}
IDS = {"rows": "row_id", "records": "record_id", "responses": "response_id", "comparisons": "comparison_id"}


def ids(facts):
    return {table: sorted(facts[table][name].to_list()) for table, name in IDS.items()}


def test_ids_are_what_the_contract_says():
    facts = facts_of(PAIRS, [ROW])
    row = digest_text('{"p":"?","x":"one","y":"two"}')
    record = digest_text("record", "here", row, "0")
    assert facts["rows"]["row_id"].to_list() == [digest_text("row", "here", row, "0")]
    assert facts["records"]["record_id"].to_list() == [record]
    assert facts["responses"]["response_id"].to_list() == [digest_text("response", text) for text in ("one", "two")]
    sides = facts["responses"]["response_id"].to_list()
    wanted = digest_text(record, *sides, "overall", "", "0")
    assert facts["comparisons"]["comparison_id"].to_list() == [wanted]


def test_ids_depend_neither_on_the_file_nor_on_the_order_of_keys_nor_on_white_space():
    turned = dict(reversed(ROW.items()))
    rows = rows_of([turned])._replace(raw=['{ "y":"two","x" :"one","p":"?"}'], lines=[99])
    assert ids(PAIRS(rows, "elsewhere.json", PSEUDONYM, {})) == ids(facts_of(PAIRS, [ROW]))


def test_ids_depend_on_the_source():
    other = ingest_by(PAIRS.mapping.model_dump(), source="there")
    assert not set(ids(facts_of(other, [ROW]))["records"]) & set(ids(facts_of(PAIRS, [ROW]))["records"])


def test_equal_rows_are_numbered():
    facts = facts_of(PAIRS, [ROW, ROW, ROW])
    assert facts["rows"]["row_id"].n_unique() == 3
    assert facts["records"]["record_id"].n_unique() == 3
    assert facts["responses"]["response_id"].n_unique() == 2


def test_a_native_key_names_the_record_whatever_else_changes():
    before = facts_of(KEYED, [ROW | {"k": 17}])
    after = facts_of(KEYED, [ROW | {"k": "17", "x": "one, really"}])
    assert before["records"]["record_id"].to_list() == after["records"]["record_id"].to_list()
    assert before["rows"]["row_id"].to_list() != after["rows"]["row_id"].to_list()
    assert before["records"]["source_key"].to_list() == ["17"]


def test_rows_that_share_a_native_key_are_numbered_and_rows_without_one_go_by_content():
    facts = facts_of(KEYED, [ROW | {"k": "s"}, ROW | {"k": "s", "x": "other"}, ROW | {"k": None}, ROW])
    assert facts["records"]["record_id"].n_unique() == 4


def test_rows_that_cannot_be_read_and_blank_ones_have_ids_of_their_own():
    bad = [BadRow(3, 10, Reason.not_json, "", "{"), BadRow(4, 12, Reason.not_json, "", "{")]
    facts = facts_of(PAIRS, [ROW], bad=bad, blank=[(5, 14), (6, 15)])
    assert facts["rows"].select("line", "fate").rows() == [
        (1, "mapped"), (3, "quarantined"), (4, "quarantined"), (5, "blank"), (6, "blank"),
    ]  # fmt: skip
    assert facts["rows"]["row_id"].n_unique() == 5
    assert facts["quarantine"].select("line", "byte_offset", "reason", "raw").rows() == [
        (3, 10, "not_json", "{"), (4, 12, "not_json", "{"),
    ]  # fmt: skip
    assert facts["_digests"]["n"].sum() == 5


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from([ROW, ROW | {"x": "1"}, ROW | {"k": 1}, ROW | {"k": 1, "y": "2"}, {"p": 0}]), max_size=9),
    st.integers(0, 9),
    st.randoms(use_true_random=False),
)
def test_a_source_may_be_cut_anywhere(docs, cut, chance):
    """Shards that know what earlier ones held give the same ids as the whole."""
    whole = facts_of(KEYED, docs)
    first = facts_of(KEYED, docs[:cut])
    repeats = dict(first["_digests"].iter_rows())
    second = KEYED(rows_of(docs[cut:]), "second.jsonl", PSEUDONYM, repeats)
    together = {table: pl.concat([first[table], second[table]]) for table in IDS}
    assert ids(together) == ids(whole)
    shuffled = chance.sample(docs, len(docs))
    assert ids(facts_of(KEYED, shuffled))["rows"] == ids(whole)["rows"]


def test_every_id_that_is_pointed_at_exists():
    docs = [ROW | {"k": k, "y": y} for k, y in itertools.product("abc", ["1", "2"])]
    random.Random(5).shuffle(docs)
    facts = facts_of(KEYED, docs)
    responses, records = set(facts["responses"]["response_id"]), set(facts["records"]["record_id"])
    assert set(facts["comparisons"]["a"]) | set(facts["comparisons"]["b"]) <= responses
    assert set(facts["comparisons"]["record_id"]) | set(facts["responses"]["record_id"]) <= records
    assert set(facts["comparisons"]["row_id"]) <= set(facts["rows"]["row_id"])
