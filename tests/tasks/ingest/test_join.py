"""Rows of a second file arrive in the rows they belong to, stay rows of their own, and change no id."""

import json
from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.reasons import Reason
from schemas.rows.batch import BadRow
from tasks.ingest.restore import restore
from tests.tasks.ingest.samples import LONG
from tests.tasks.ingest.shards import PSEUDONYM, ingest_by, rows_of

PAIR = {"prompt": "p", "responses": ["x", "y"], "id": "id"}
VOTED = PAIR | {
    "winner": {"values": {"1": "a", "2": "b"}},
    "annotators": {"each": "joined", "id": "worker", "vote": "label"},
}
MAIN = {"id": "q1", "p": "Which?", "x": "This.", "y": "That."}


def vote(key, worker, label, **more):
    return {"id": key, "worker": worker, "label": label, **more}


def joined(docs, others, mapping=VOTED, on="id", into="joined", bad=(), blank=()):
    """The facts of rows and of those that are joined to them, and the stage that made them."""
    ingest = ingest_by(mapping, join={"path": "votes.csv", "on": on, "into": into})
    partners = ingest.gather([("votes.csv", rows_of(others, bad, blank))], PSEUDONYM)
    facts = ingest(rows_of(docs), "rows.jsonl", PSEUDONYM, {}, partners)
    for tables in partners.tables(facts["records"]):
        facts |= {table: pl.concat([facts[table], frame]) for table, frame in tables.items()}
    return facts, ingest


def fates(facts, file):
    return facts["rows"].filter(file=file)["fate"].to_list()


def reasons(facts):
    return {(file, line): reason for file, line, reason in facts["quarantine"].select("file", "line", "reason").rows()}


def everything(facts):
    return "".join(frame.write_ndjson() for frame in facts.values())


def text(doc):
    return json.dumps(doc, sort_keys=True, ensure_ascii=False)


def test_each_row_of_the_second_file_is_one_vote_and_one_row():
    docs = [MAIN, MAIN | {"id": "q2"}]
    facts, _ = joined(docs, [vote("q1", "ada", "1"), vote("q2", "ada", "2"), vote("q1", "alan", "2")])
    first, second = facts["records"]["record_id"]
    assert sorted(facts["comparisons"].select("record_id", "outcome", "annotator_id").rows()) == sorted([
        (first, "a", PSEUDONYM("ada")), (first, "b", PSEUDONYM("alan")), (second, "b", PSEUDONYM("ada")),
    ])  # fmt: skip
    main, other = (facts["rows"].filter(file=file)["row_id"].to_list() for file in ("rows.jsonl", "votes.csv"))
    assert facts["records"]["row_ids"].to_list() == [[main[0], other[0], other[2]], [main[1], other[1]]]
    assert fates(facts, "votes.csv") == ["mapped"] * 3
    assert facts["quarantine"].is_empty()


@pytest.mark.parametrize(
    ("here", "there", "is_equal"),
    [
        ("q", "q", True), (1, "1", True), ("1", 1, True), (1, 1.0, True), (True, "true", True), (2**70, str(2**70), True),
        ("1", "01", False), ("q", "Q", False), (None, None, False), ("", "", False), (None, "null", False), (1, True, False),
    ],
)  # fmt: skip
def test_keys_are_compared_as_text(here, there, is_equal):
    facts, _ = joined([MAIN | {"id": here}], [vote(there, "ada", "1")])
    assert facts["comparisons"].height == facts["records"]["row_ids"][0].len() - 1 == int(is_equal)
    assert fates(facts, "rows.jsonl") == ["mapped"]
    assert reasons(facts) == ({} if is_equal else {("votes.csv", 1): "no_partner"})


def test_the_key_may_lie_at_other_places_in_the_two_files():
    docs = [{"meta": {"id": 7}, "p": "?", "x": "one", "y": "two"}]
    facts, _ = joined(docs, [{"of": [7, 8], "worker": "ada", "label": 1}], on=["meta.id", "of[0]"])
    assert facts["comparisons"]["outcome"].to_list() == ["a"]


def test_a_joined_row_may_hold_a_response():
    mapping = PAIR | {"responses": ["x", "other[0].text"], "winner": {"always": "a"}}
    docs = [{"id": "q1", "p": "?", "x": "one"}, {"id": "q2", "p": "?", "x": "one"}]
    facts, _ = joined(docs, [{"id": "q1", "text": "two"}], mapping, into="other")
    assert facts["responses"]["text"].to_list() == ["one", "two"]
    assert reasons(facts) == {("rows.jsonl", 2): "missing_column"}


def test_a_row_without_the_column_is_set_aside():
    facts, _ = joined([MAIN, {"p": "?", "x": "1", "y": "2"}], [{"worker": "ada", "label": "1"}, vote("q1", "ada", "2")])
    assert reasons(facts) == {("rows.jsonl", 2): "missing_column", ("votes.csv", 1): "missing_column"}
    assert facts["quarantine"]["detail"].to_list() == [
        "'id' is missing; the row has p, x, y", "'id' is missing; the row has worker, label",
    ]  # fmt: skip
    assert facts["comparisons"]["outcome"].to_list() == ["b"]


def test_rows_of_a_row_that_is_set_aside_have_no_partner():
    facts, _ = joined([MAIN | {"p": None}], [vote("q1", "ada", "1")])
    assert reasons(facts) == {("rows.jsonl", 1): "missing_column", ("votes.csv", 1): "no_partner"}
    assert "'id' is \"q1\", which no mapped row" in facts["quarantine"]["detail"][1]


def test_a_column_of_that_name_is_not_overwritten():
    facts, _ = joined([MAIN | {"joined": "mine"}], [])
    assert reasons(facts) == {("rows.jsonl", 1): "wrong_type"}
    assert '"joined": "mine"' in facts["quarantine"]["raw"][0]


def test_unreadable_and_blank_rows_of_the_second_file_are_rows_too():
    bad = BadRow(2, 30, Reason.torn_row, "4 cells", "q1,Ada Lovelace,1,1")
    facts, _ = joined([MAIN], [vote("q1", "ada", "1")], bad=[bad], blank=[(3, 50)])
    assert fates(facts, "votes.csv") == ["mapped", "quarantined", "blank"]
    assert reasons(facts) == {("votes.csv", 2): "torn_row"}
    assert "Lovelace" not in everything(facts)


def test_no_name_of_the_second_file_is_left_in_any_table():
    mapping = VOTED | {"private": ["joined[].mail", "**.phone"]}
    about = {"mail": "ada@example.org", "more": {"phone": "555-1234"}}
    facts, _ = joined([MAIN], [vote("q1", "Lovelace", "1", **about), vote("q9", "Turing", "2", **about)], mapping)
    assert not [name for name in ("Lovelace", "Turing", "ada@", "555") if name in everything(facts)]
    assert PSEUDONYM("Lovelace") in facts["rows"]["raw_json"][1]


@pytest.mark.parametrize("private", ["who", "joined[].name", "joined[0]", "joined", "**.name"])
def test_a_key_that_is_a_name_is_one_in_both_files(private):
    mapping = PAIR | {"winner": {"always": "a"}, "private": [private]}
    people = [{"name": "Lovelace", "age": 36}, {"name": "Turing", "age": 41}]
    facts, _ = joined([MAIN | {"who": "Lovelace"}], people, mapping, on=["who", "name"])
    assert fates(facts, "votes.csv") == ["mapped", "quarantined"]
    assert not [name for name in ("Lovelace", "Turing") if name in everything(facts)]


def test_no_id_depends_on_what_is_joined():
    docs, before = [MAIN | {"id": None}, MAIN], [vote("q1", "ada", "1"), vote("q1", "alan", "2")]
    none, few = joined(docs, [])[0], joined(docs, before)[0]
    more = joined(docs, [*before, vote("q1", "grace", "1"), vote("q9", "ada", "1")])[0]
    renamed = joined(docs, [each | {"worker": "someone"} for each in before])[0]
    assert none["records"]["record_id"].to_list() == few["records"]["record_id"].to_list()
    assert few["records"]["record_id"].to_list() == more["records"]["record_id"].to_list()
    assert set(few["rows"]["row_id"]) < set(more["rows"]["row_id"])
    assert few["rows"]["row_id"].to_list() == renamed["rows"]["row_id"].to_list()


def test_the_same_row_in_both_files_is_two_rows():
    facts, _ = joined([MAIN, MAIN], [MAIN, MAIN])
    assert facts["rows"]["row_id"].n_unique() == 4


def test_many_rows_share_their_partners_and_one_keeps_them():
    mapping = VOTED | {"annotators": {"each": "joined", "id": "worker", "vote": "label", "rationale": "why"}}
    docs = [MAIN | {"p": f"Question {n}?"} for n in range(3)]
    docs[0]["p"] = None
    others = [vote("q1", "ada", "1", note=LONG, why=LONG + "!"), vote("q1", "alan", "2", note="short")]
    facts, ingest = joined(docs, others, mapping)
    assert facts["comparisons"].height == 4
    assert [LONG in (extras or "") for extras in facts["records"]["extras"]] == [True, False]
    assert LONG + "!" not in facts["records"]["extras"][0]
    assert_both_are_restored(ingest, facts, docs, others)


def assert_both_are_restored(ingest, facts, docs, others):
    withheld = facts | {"rows": facts["rows"].with_columns(raw_json=pl.lit(None, pl.String))}
    named = [each | {"worker": PSEUDONYM.of(each["worker"])} if "worker" in each else each for each in others]
    lines = facts["rows"].filter(fate="mapped").select("file", "line").rows()
    wanted = [(docs if file == "rows.jsonl" else named)[line - 1] for file, line in lines]
    assert [text(each) for each in restore(ingest, withheld)] == [text(each) for each in wanted]


keys = st.sampled_from([1, "1", 2, "two", None, ""])
short = st.sampled_from(["", "one", "two", LONG, "$text"])
mains = st.lists(
    st.fixed_dictionaries({"p": short, "x": short, "y": short}, optional={"id": keys, "more": short}), max_size=5
)
votes = st.lists(
    st.fixed_dictionaries({"worker": st.sampled_from(["ada", "alan", None, 3]), "label": st.sampled_from(["1", 2, None])},
                          optional={"id": keys, "joined": short, "note": short}), max_size=6)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(mains, votes)
def test_no_row_of_either_file_is_lost_or_made_up(docs, others):
    facts, ingest = joined(docs, others)
    assert facts["rows"]["row_id"].n_unique() == facts["rows"].height == len(docs) + len(others)
    known = [str(doc["id"]) for doc in docs if doc.get("id") not in (None, "")]
    asked = [str(each["id"]) if each.get("id") not in (None, "") else None for each in others]
    assert fates(facts, "rows.jsonl") == ["mapped" if "id" in doc else "quarantined" for doc in docs]
    assert fates(facts, "votes.csv") == ["mapped" if key in known else "quarantined" for key in asked]
    assert facts["comparisons"].height == sum(known.count(key) for key in asked)
    assert set(facts["rows"].filter(fate="mapped")["row_id"]) == set(facts["records"]["row_ids"].explode())
    assert set(facts["rows"].filter(fate="quarantined")["row_id"]) == set(facts["quarantine"]["row_id"])
    assert_both_are_restored(ingest, facts, docs, others)


@settings(max_examples=40, deadline=None)
@given(mains, votes, st.randoms(use_true_random=False))
def test_the_order_of_the_second_file_does_not_matter(docs, others, random):
    shuffled = random.sample(others, len(others))
    one, two = joined(docs, others)[0], joined(docs, shuffled)[0]
    for table, columns in (
        ("rows", ["row_id", "source", "file", "fate"]),
        ("quarantine", ["row_id", "reason"]),
        ("responses", ["record_id", "response_id"]),
        ("comparisons", ["record_id", "a", "b", "outcome", "annotator_id"]),
        ("annotators", ["annotator_id", "judgments"]),
    ):
        assert Counter(one[table].select(columns).rows()) == Counter(two[table].select(columns).rows())
    assert one["records"]["record_id"].to_list() == two["records"]["record_id"].to_list()
    assert [set(ids) for ids in one["records"]["row_ids"]] == [set(ids) for ids in two["records"]["row_ids"]]


PICKED = {"responses": ["joined[0][0].text", "joined[1][0].text"], "winner": {"always": "a"}}
TEXTS = [
    {"item": 1, "text": LONG},
    {"item": 2, "text": "Two."},
    {"item": 3, "text": "Three."},
    {"item": 4, "text": "Four."},
]


def test_a_row_may_have_several_keys():
    docs = [{"won": 1, "lost": 2}, {"won": "3", "lost": "1"}, {"won": 3, "lost": 9}, {"won": 2, "lost": 2}]
    facts, ingest = joined(docs, TEXTS, PICKED, on={"here": ["won", "lost"], "there": "item"})
    texts = dict(facts["responses"].select("response_id", "text").iter_rows())
    sides = facts["comparisons"].select("a", "b").rows()
    assert [(texts[a], texts[b]) for a, b in sides] == [(LONG, "Two."), ("Three.", LONG), ("Two.", "Two.")]
    assert reasons(facts) == {("rows.jsonl", 3): "missing_column", ("votes.csv", 4): "no_partner"}
    main, other = (facts["rows"].filter(file=file)["row_id"].to_list() for file in ("rows.jsonl", "votes.csv"))
    rows = [[main[0], other[0], other[1]], [main[1], other[2], other[0]], [main[3], other[1], other[1]]]
    assert facts["records"]["row_ids"].to_list() == rows
    assert len("".join(facts["records"]["extras"].drop_nulls()).split("Three.")) == 2
    mapped = [docs[0], docs[1], docs[3], *TEXTS[:3]]
    assert restore(ingest, facts) == mapped


def test_a_key_may_be_of_several_values():
    on = {"here": [["id", "m1", "m2"], ["id", "m2", "m1"]], "there": ["of", "a", "b"]}
    votes = {"each": "joined[0]", "id": "who", "vote": "best"}
    turned = votes | {"each": "joined[1]"}
    winner = {"straight": {"dimension": "overall", "votes": votes, "values": {"a": "a", "b": "b"}},
              "turned": {"dimension": "overall", "votes": turned, "values": {"a": "b", "b": "a"}}}  # fmt: skip
    sheet = [{"of": 7, "a": "x", "b": "y", "who": "Ada", "best": "a"}, {"of": 7, "a": "y", "b": "x", "who": "Alan", "best": "a"},
             {"of": 7, "a": "x", "b": "z", "who": "Ada", "best": "a"}, {"of": None, "a": "x", "b": "y", "who": "Ada", "best": "a"}]  # fmt: skip
    docs = [{"id": "7", "m1": "x", "m2": "y", "p": "?", "x": "one", "y": "two"}]
    facts, ingest = joined(docs, sheet, {"prompt": "p", "responses": ["x", "y"], "winner": winner}, on=on)
    told = facts["comparisons"].select("outcome", "annotator_id").rows()
    assert told == [("a", PSEUDONYM("Ada")), ("b", PSEUDONYM("Alan"))]
    assert reasons(facts) == {("votes.csv", 3): "no_partner", ("votes.csv", 4): "no_partner"}
    named = [row | {"who": PSEUDONYM(row["who"])} for row in sheet]
    assert restore(ingest, facts) == [*docs, *named[:2]]
