"""The quick way of writing rows gives, to the byte, what the slow one gives: ids hang on it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.ingest.extras import Held, as_json, flat_rest, rest_of
from tasks.ingest.rows.jsontext import canonical, canonical_rows, decoded, plain_columns

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
whole = st.integers(-(2**63), 2**63 - 1)
values = st.one_of(
    texts,
    whole,
    st.integers(2**63, 2**64 - 1),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False),
    st.lists(texts, max_size=2),
)


@st.composite
def tables(draw):
    """Rows of the same columns, each of one kind of value."""
    columns = draw(st.dictionaries(names, st.sampled_from([texts, whole, st.booleans()]), min_size=1, max_size=4))
    return [{name: draw(kind) for name, kind in columns.items()} for _ in range(draw(st.integers(1, 4)))]


@settings(max_examples=300, deadline=None)
@given(tables())
def test_rows_of_one_form(docs):
    assert plain_columns(docs) is not None
    assert canonical_rows(docs) == [canonical(doc) for doc in docs]


@given(st.lists(st.dictionaries(names, values, max_size=3), max_size=4))
def test_any_rows(docs):
    assert canonical_rows(docs) == [canonical(doc) for doc in docs]


@settings(max_examples=300, deadline=None)
@given(tables())
def test_what_is_left_of_a_row(docs):
    first = next(iter(docs[0]))
    held = {first: [doc[first] for doc in docs]} if isinstance(docs[0][first], str) else {}
    quick = flat_rest(docs, held)
    rests, absent = rest_of(docs, held)
    slow = [as_json(rest, absent.get(row), Held({}, "", ())) for row, rest in enumerate(rests)]
    assert quick is None or quick == slow


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['a', 0.5, None, True]", ["a", 0.5, None, True]),
        ("[1, 0.5]", [1, 0.5]),
        ("['it\\'s', \"it's\"]", ["it's", "it's"]),
    ],
)
def test_lists_are_read_however_they_were_printed(text, value):
    assert decoded(text) == value


@pytest.mark.parametrize(
    "text", ["[1] is a note", "['a', 3", "[b'x']", "[['a']]", "['\\d']", "['\\ud800']", "[1e999]", "[" * 300, "[f()]"]
)
def test_other_texts_stay_texts(text):
    assert decoded(text) == text
