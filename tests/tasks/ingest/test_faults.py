"""Rows that a mapping cannot read are set aside with a reason and a hint; nothing else is hurt."""

import pytest

from tests.tasks.ingest.shards import facts_of, ingest_by, mapped, reasons

PAIR = {"prompt": "p", "responses": ["x", "y"], "winner": {"always": "a"}}
GOOD = {"p": "Which?", "x": "This.", "y": "That."}
LISTED = {"prompt": "p", "responses": {"each": "answers", "text": "text"}}


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    ("row", "reason", "hint"),
    [
        (without("p"), "missing_column", "'p' is missing; the row has x, y"),
        (GOOD | {"p": None}, "missing_column", "'p' is null"),
        (GOOD | {"p": 7}, "wrong_type", "'p' is int 7, not a text or a list of messages"),
        (GOOD | {"p": [1]}, "wrong_type", "'p' is list [1]"),
        (without("y"), "missing_column", "'y' is missing; the row has p, x"),
        (GOOD | {"y": None}, "missing_column", "'y' is null"),
        (GOOD | {"x": None, "y": None}, "no_response", "every response of the row is null"),
        (GOOD | {"x": ["b"]}, "wrong_type", "'x' is list ['b'], not a text or a list of messages"),
        (GOOD | {"x": 3.5}, "wrong_type", "'x' is float 3.5"),
        (GOOD | {"x": ["long" * 99]}, "wrong_type", "…"),
        ({}, "missing_column", "is missing; the row has no columns"),
    ],
)
def test_a_row_says_what_it_lacks(row, reason, hint):
    facts = mapped([GOOD, row, GOOD], PAIR)
    assert reasons(facts) == {2: reason}
    assert hint in facts["quarantine"]["detail"][0]
    assert facts["records"].height == 2
    assert facts["comparisons"].height == 2
    assert facts["rows"]["fate"].to_list() == ["mapped", "quarantined", "mapped"]


@pytest.mark.parametrize(
    ("answers", "reason", "hint"),
    [
        ([], "no_response", "'answers' is empty"),
        (None, "missing_column", "'answers' is null"),
        ("one", "wrong_type", "'answers' is str 'one', not a list of responses"),
        ([{"text": "one"}, {"model": "m"}], "missing_column", "'answers[1].text' is missing"),
        ([{"text": None}], "no_response", "every response"),
        ([{"text": "one"}, {"text": 2}], "wrong_type", "'answers[1].text' is int 2"),
    ],
)
def test_lists_of_responses_say_which_element_is_wrong(answers, reason, hint):
    facts = mapped([{"p": "?", "answers": answers}], LISTED)
    assert reasons(facts) == {1: reason}
    assert hint in facts["quarantine"]["detail"][0]


def test_a_template_needs_all_its_parts():
    mapping = PAIR | {"prompt": "{p}: {q.r}"}
    rows = [GOOD | {"q": {"r": "now"}}, GOOD | {"q": {}}, GOOD | {"q": {"r": None}}, GOOD | {"q": {"r": []}}]
    assert reasons(mapped(rows, mapping)) == {2: "missing_column", 3: "missing_column", 4: "wrong_type"}


def test_several_columns_need_one_text():
    mapping = PAIR | {"prompt": ["p", "q"]}
    rows = [GOOD, {"q": None} | without("p"), GOOD | {"q": 3}, GOOD | {"p": ""}]
    assert reasons(mapped(rows, mapping)) == {2: "missing_column", 3: "wrong_type"}


def test_scores_need_a_list():
    mapping = PAIR | {"winner": {"scores": "s"}}
    rows = [GOOD | {"s": [1, 0]}, GOOD | {"s": 1}, GOOD | {"s": None}, GOOD]
    assert reasons(mapped(rows, mapping)) == {2: "wrong_type", 3: "missing_column", 4: "missing_column"}


def test_nothing_in_gives_empty_tables_of_the_right_shape():
    empty, full = facts_of(ingest_by(PAIR), []), facts_of(ingest_by(PAIR), [GOOD])
    assert {table: frame.schema for table, frame in empty.items()} == {t: frame.schema for t, frame in full.items()}
    assert not any(frame.height for frame in empty.values())


def test_all_rows_may_be_bad():
    facts = mapped([{}, {"p": 1}], PAIR)
    assert facts["quarantine"].height == 2
    assert facts["records"].height == 0
    assert facts["records"].schema == mapped([GOOD], PAIR)["records"].schema
