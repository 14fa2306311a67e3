"""Values are found where a path says, and changed nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.mapping.mapping import steps
from tasks.ingest.rows.paths import MISSING, changed, column, elements, value

DOC = {"a": {"b": [1, {"c": 2}, {"c": None}], "a.b": 3}, "n": None, "s": "text", "t": {"x": [1, 2], "y": [3, 4]}}
DOC["j"] = '{"x": [1, "é"]}'


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("s", "text"),
        ("n", None),
        ("m", MISSING),
        ("s.x", MISSING),
        ("a.b[0]", 1),
        ("a.b[-1].c", None),
        ("a.b[9]", MISSING),
        ("a.b[].c", [None, 2, None]),
        ("s[].c", MISSING),
        ('a."a.b"', 3),
        ("t[].y", [3, 4]),
        ("a[].b[0]", [1]),
        ("m|s", "text"),
        ("n|s", "text"),
        ("m|n", None),
        ("m|m.x", MISSING),
        ("j.x[1]", "é"),
        ("j.x[]", [1, "é"]),
        ("j|s", '{"x": [1, "é"]}'),
    ],
)
def test_values_are_found(path, found):
    assert value(DOC, steps(path)) == found
    assert column([DOC, DOC], path) == [found, found]


def test_lists_come_in_three_forms():
    assert elements([1]) == [1]
    assert elements({"x": [1, 2], "y": [3, 4]}) == [{"x": 1, "y": 3}, {"x": 2, "y": 4}]
    assert elements({"x": 1}) == [{"x": 1}]
    assert elements("x") is None
    assert elements("[1, 2]") == [1, 2]


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("s", DOC | {"s": "*"}),
        ("m.x", DOC),
        ("s.x", DOC),
        ("n", DOC | {"n": "*"}),
        ("a.b[0]", DOC | {"a": DOC["a"] | {"b": ["*", *DOC["a"]["b"][1:]]}}),
        ("a.b[7]", DOC),
        ("a.b[].c", DOC | {"a": DOC["a"] | {"b": [1, {"c": "*"}, {"c": "*"}]}}),
        ("**.c", DOC | {"a": DOC["a"] | {"b": [1, {"c": "*"}, {"c": "*"}]}}),
        ("t[].y", DOC | {"t": {"x": [1, 2], "y": ["*", "*"]}}),
        ("t.x[]", DOC | {"t": {"x": ["*", "*"], "y": [3, 4]}}),
        ("**.a.b[0]", DOC | {"a": DOC["a"] | {"b": ["*", *DOC["a"]["b"][1:]]}}),
    ],
)
def test_values_are_changed_and_nothing_else(path, after):
    assert changed(DOC, steps(path), lambda _: "*") == after


def test_values_can_be_left_out():
    assert changed({"a": [{"b": 1, "c": 2}, 3]}, steps("a[].b"), lambda _: MISSING) == {"a": [{"c": 2}, 3]}
    assert changed({"a": [1, 2]}, steps("a[0]"), lambda _: MISSING) == {"a": [None, 2]}


inner = st.recursive(
    st.none() | st.integers(),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from("abc"), x),
    max_leaves=9,
)


@given(
    st.dictionaries(st.sampled_from("abc"), inner),
    st.sampled_from(["a", "a.b", "a[]", "a[].b", "**.c", "b[0].a", "a[][].c"]),
)
def test_changing_nothing_changes_nothing(doc, path):
    assert changed(doc, steps(path), lambda found: found) == doc


def test_json_text_is_changed_inside_and_otherwise_left_as_it_was_written():
    assert changed(DOC, steps("j.x[0]"), lambda _: "*") == DOC | {"j": '{"x":["*","é"]}'}
    assert changed(DOC, steps("j.y"), lambda _: "*") == DOC
    assert changed(DOC, steps("s.y"), lambda _: "*") == DOC
