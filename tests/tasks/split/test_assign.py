"""Splits by component, that stay where they are."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.split.components import components
from tests.tasks.small_world import PRIOR, curate, plan, record

TALK = [
    {"role": "user", "content": "Hi there"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "And now?"},
]
WRITTEN = "user: Hi there\n\nassistant: Hello\n\nuser: And now?"


def judged(name, prompt, **about):
    return record(name, prompt, [f"good {name}", f"bad {name}"], ("a", None), **about)


def placed(tables):
    return {row["record_id"]: row for row in tables["pairs"].to_dicts()}


def many(count, start=0):
    return [judged(f"n{n:04}", f"Question number {n}") for n in range(start, start + count)]


def test_shares_hold_in_expectation():
    found = curate(many(2000), plan(split={"train": 0.8, "validation": 0.1, "test": 0.1}))["pairs"][
        "split"
    ].value_counts()
    shares = dict(found.iter_rows())
    assert 1540 < shares["train"] < 1660
    assert 150 < shares["test"] < 250


def test_same_prompts_and_continued_conversations_stay_together():
    rows = [judged("a", "Hi there"), judged("b", "hi THERE"), judged("c", WRITTEN, messages=TALK), judged("d", "Else")]
    at = placed(curate(rows))
    assert at["a"]["component_id"] == at["b"]["component_id"] == at["c"]["component_id"] != at["d"]["component_id"]


def test_records_of_one_conversation_stay_together():
    at = placed(curate([judged("a", "x", conversation_id="t"), judged("b", "y", conversation_id="t")]))
    assert at["a"]["component_id"] == at["b"]["component_id"]


def prior_of(tables):
    pairs = tables["pairs"].select("record_id", "component_id").unique()
    return pairs.join(tables["splits"], on="component_id").select(*PRIOR)


def test_new_rows_move_no_old_row():
    world = plan(split={"train": 0.5, "test": 0.5})
    before = curate(many(400), world)
    linked = [judged(f"0{n:03}", f"Question number {n}") for n in range(0, 400, 7)]
    after = curate([*many(440), *linked], world, prior_of(before))
    old = placed(before)
    assert all(placed(after)[name]["split"] == row["split"] for name, row in old.items())
    assert all(placed(after)[name]["component_id"] == row["component_id"] for name, row in old.items())


def test_a_new_row_that_ties_two_splits_is_turned_away():
    prior = pl.DataFrame([("a", "ca", "train"), ("b", "cb", "test")], schema=PRIOR, orient="row")
    rows = [
        judged("a", "x", conversation_id="t1"),
        judged("b", "y"),
        judged("new", "y", conversation_id="t1"),
        judged("near", "y"),
    ]
    tables = curate(rows, plan(split={"train": 0.5, "test": 0.5}), prior)
    at = placed(tables)
    assert (at["a"]["split"], at["b"]["split"], at["near"]["split"]) == ("train", "test", "test")
    assert (at["new"]["kept"], at["new"]["reason"], at["new"]["split"]) == (False, "bridges_splits", None)
    told = tables["decisions"].filter(pl.col("reason") == "bridges_splits").row(0, named=True)
    assert told["partner_id"] in ("a", "b")


def test_a_chain_of_new_rows_between_splits_is_turned_away_too():
    prior = pl.DataFrame([("a", "ca", "train"), ("b", "cb", "test")], schema=PRIOR, orient="row")
    rows = [
        judged("a", "x"),
        judged("b", "y"),
        judged("n1", "x", conversation_id="t"),
        judged("n2", "y", conversation_id="t"),
    ]
    at = placed(curate(rows, plan(split={"train": 0.5, "test": 0.5}), prior))
    assert (at["a"]["split"], at["b"]["split"]) == ("train", "test")
    assert at["n1"]["reason"] == at["n2"]["reason"] == "bridges_splits"


def test_evaluation_only_data_is_never_trained_on():
    rows = [judged("e", "Secret", evaluation_only=True), judged("t", "secret"), judged("u", "Open")]
    at = placed(curate(rows, plan(split={"train": 1.0})))
    assert (at["e"]["kept"], at["e"]["split"]) == (True, "test")
    assert (at["t"]["kept"], at["t"]["reason"]) == (False, "contaminated")
    assert at["u"]["split"] == "train"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1), st.randoms())
def test_components_are_the_connected_ones_in_any_order(edges, order):
    links = pl.DataFrame([(f"r{a:02}", f"k{b}") for a, b in edges], schema=["record", "key"], orient="row")
    roots = {name: name for name in links["record"]} | dict(components(links).iter_rows())
    shuffled = links.sample(fraction=1.0, shuffle=True, seed=order.randint(0, 9999))
    assert dict(components(shuffled).iter_rows()) == dict(components(links).iter_rows())
    parent = {name: name for pair in links.iter_rows() for name in pair}

    def find(name):
        return name if parent[name] == name else find(parent[name])

    for a, b in links.iter_rows():
        parent[find(a)] = find(b)
    groups = {}
    for name in roots:
        groups.setdefault(find(name), []).append(name)
    assert roots == {name: min(members) for members in groups.values() for name in members}
