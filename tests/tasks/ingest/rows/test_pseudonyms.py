"""Names of people never leave ingest, in no table, and no id is made of them."""

import json

import polars as pl
import pytest

from schemas.reasons import Reason
from schemas.rows.batch import BadRow
from tasks.ingest.rows.pseudonym import Pseudonym
from tests.tasks.ingest.shards import (
    PSEUDONYM,
    assert_nothing_is_lost,
    facts_of,
    ingest_by,
    mapped,
    rows_of,
)

VOTES = {
    "prompt": "p",
    "responses": ["x", "y"],
    "winner": {"values": {"1": "a", "2": "b"}},
    "annotators": {"each": "votes", "id": "who", "vote": "said", "rationale": "why"},
    "private": ["author", "**.mail"],
}
ROW = {
    "p": "?",
    "x": "one",
    "y": "two",
    "author": "Mary Shelley",
    "votes": [
        {"who": "Ada Lovelace", "said": 1, "why": "one is shorter", "about": {"mail": "ada@example.org"}},
        {"who": "Alan Turing", "said": "2", "why": None},
        {"who": "Ada Lovelace", "said": 1},
        {"who": None, "said": None},
    ],
}
NAMES = ("Shelley", "Lovelace", "Turing", "ada@")


def everything(facts):
    return "".join(frame.write_ndjson() for frame in facts.values())


def test_each_element_of_a_table_of_votes_is_one_judgment():
    facts = mapped([ROW], VOTES)
    ada, alan = PSEUDONYM("Ada Lovelace"), PSEUDONYM("Alan Turing")
    assert facts["comparisons"].select("outcome", "annotator_id", "rationale", "n_votes").rows() == [
        ("a", ada, "one is shorter", 1), ("b", alan, None, 1), ("a", ada, None, 1), ("invalid", None, None, 1),
    ]  # fmt: skip
    assert facts["comparisons"]["comparison_id"].n_unique() == 4
    assert dict(facts["annotators"].select("annotator_id", "judgments").iter_rows()) == {ada: 2, alan: 1}


def test_no_name_is_left_in_any_table():
    facts = mapped([ROW], VOTES)
    assert not [name for name in NAMES if name in everything(facts)]
    assert PSEUDONYM("Mary Shelley") in facts["rows"]["raw_json"][0]
    assert PSEUDONYM("Mary Shelley") in facts["records"]["extras"][0]
    assert_nothing_is_lost(ingest_by(VOTES), facts, [ROW])


def test_a_row_without_names_keeps_its_text_byte_for_byte():
    texts = ['{"p":  "?", "x":"one","y":"two"}', '{"p": "?","x":"one","y":"\\u0074wo","author":null,"votes":[]}']
    rows = rows_of([json.loads(text) for text in texts])._replace(raw=texts)
    facts = ingest_by(VOTES)(rows, "f", PSEUDONYM, {})
    assert facts["rows"]["raw_json"].to_list() == texts


def test_a_line_that_cannot_be_parsed_is_withheld_where_names_are_expected():
    bad = BadRow(7, 0, Reason.not_json, "line 7", '{"who": "Ada Lovelace"')
    hidden = facts_of(ingest_by(VOTES), [], bad=[bad])
    assert hidden["quarantine"].select("line", "reason", "raw").row(0) == (7, "not_json", None)
    assert "Ada" not in everything(hidden)
    open_ = facts_of(ingest_by({"prompt": "p", "responses": ["x"]}), [], bad=[bad])
    assert open_["quarantine"]["raw"][0] == '{"who": "Ada Lovelace"'


def test_ids_do_not_depend_on_who_judged_nor_on_the_key():
    other = json.loads(json.dumps(ROW).replace("Ada Lovelace", "Grace Hopper").replace("Mary", "Percy"))
    first, second = mapped([ROW], VOTES), mapped([other], VOTES)
    elsewhere = ingest_by(VOTES)(rows_of([ROW]), "f", Pseudonym(b"another key"), {})
    for table, name in [("rows", "row_id"), ("records", "record_id"), ("comparisons", "comparison_id")]:
        assert first[table][name].to_list() == second[table][name].to_list() == elsewhere[table][name].to_list()
    assert first["comparisons"]["annotator_id"][0] != second["comparisons"]["annotator_id"][0]
    assert first["comparisons"]["annotator_id"][0] != elsewhere["comparisons"]["annotator_id"][0]


@pytest.mark.parametrize("name", [17, "17"])
def test_a_pseudonym_is_short_and_the_same_for_a_number_and_its_text(name):
    assert PSEUDONYM(name) == PSEUDONYM("17")
    assert len(PSEUDONYM(name)) == len("anon-") + 16


def test_one_column_names_the_annotator_of_all_that_the_row_says():
    mapping = {
        "prompt": "p",
        "responses": ["x", "y"],
        "winner": {"always": "a"},
        "ratings": {"quality": {"path": ["q"], "scale": [1, 5]}},
        "rankings": {"overall": {"ranks": ["r", "s"]}},
        "labels": [{"path": ["l"], "taxonomy": "t", "label": "good"}],
        "feedback": [{"path": ["f"]}],
        "annotators": "worker",
    }
    row = {"p": "?", "x": "1", "y": "2", "q": 3, "r": 1, "s": 2, "l": True, "f": "fine", "worker": 12}
    facts = mapped([row], mapping)
    for table in ("comparisons", "ratings", "rankings", "labels", "feedback"):
        assert facts[table]["annotator_id"].unique().to_list() == [PSEUDONYM(12)], table
    assert facts["annotators"]["judgments"].to_list() == [5]


def test_columns_of_votes_are_one_judgment_each_and_an_empty_one_is_none():
    mapping = {
        "prompt": "p",
        "responses": ["x", "y"],
        "winner": {"fun": {"values": {"1": "a", "0": "tie"}}, "gold": {"column": "g", "values": {"1": "a"}}},
        "annotators": ["ann", "bob"],
    }
    facts = mapped([{"p": "?", "x": "1", "y": "2", "ann": 1, "bob": None, "g": 1},
                    {"p": "?", "x": "1", "y": "2", "ann": 0, "bob": "1", "g": 1}], mapping)  # fmt: skip
    said = facts["comparisons"].filter(pl.col("dimension") == "fun").select("annotator_id", "outcome").rows()
    assert said == [(PSEUDONYM("ann"), "a"), (PSEUDONYM("ann"), "tie"), (PSEUDONYM("bob"), "a")]
    assert facts["comparisons"].filter(pl.col("dimension") == "gold")["annotator_id"].to_list() == [None, None]


def test_a_table_of_one_vote_may_be_written_without_a_list():
    facts = mapped([ROW | {"votes": ROW["votes"][0]}], VOTES)
    assert facts["comparisons"]["annotator_id"].to_list() == [PSEUDONYM("Ada Lovelace")]
    assert not [name for name in NAMES if name in everything(facts)]


def test_a_table_of_votes_may_be_a_struct_of_lists():
    votes = {"who": ["Ada Lovelace", "Alan Turing"], "said": [1, 2], "why": [None, "longer"]}
    facts = mapped([ROW | {"votes": votes}], VOTES)
    assert facts["comparisons"].select("outcome", "rationale").rows() == [("a", None), ("b", "longer")]
    assert not [name for name in NAMES if name in everything(facts)]


def test_without_votes_the_record_is_there_and_nobody_judged():
    facts = mapped([ROW | {"votes": None}, ROW | {"votes": []}], VOTES)
    assert facts["records"].height == 2
    assert facts["comparisons"].height == 0


def test_names_in_a_tree_are_hidden_wherever_they_stand():
    row = {
        "who": "Root Writer",
        "top": {
            "text": "Why?",
            "role": "user",
            "who": "Ann Asker",
            "replies": [
                {"text": "So.", "role": "assistant", "rank": 0, "who": "Bob Better", "replies": []},
                {"text": "No.", "role": "assistant", "rank": 1, "who": "Will Worse", "replies": []},
            ],
        },
    }
    mapping = {
        "tree": {"root": "top"},
        "prompt": {"messages": "messages"},
        "responses": [{"each": "replies", "text": "text"}],
        "rankings": {"overall": {"ranks": "replies[].rank"}},
        "annotators": "node.who",
    }
    facts = mapped([row], mapping)
    assert facts["records"].height == 1
    said = " ".join(str(frame.to_dicts()) for frame in facts.values())
    assert not any(name in said for name in ("Root Writer", "Ann Asker", "Bob Better", "Will Worse"))
