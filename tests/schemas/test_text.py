"""The normal form is one: idempotent, blind to case, width and white space, and the same on the fast and slow way."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.text import normalise, written


def normal(text):
    return normalise(pl.Series([text], dtype=pl.String))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Hello\t World\n", "hello world"),
        ("Straße", "strasse"),
        ("ﬁne ｆｕｌｌ Ⅳ", "fine full iv"),
        ("ΟΔΟΣ οδος", "οδοσ οδοσ"),
        ("e\u0301 É", "é é"),
        ("don’t — “quote”", "don’t — “quote”"),
        ("日本 語\u3000です", "日本 語 です"),
        ("a\u00a0b\u2028c", "a b c"),
        ("", ""),
        (None, None),
    ],
)
def test_known_forms(text, expected):
    assert normal(text) == expected


def reference(text):
    """The definition, without any short cut."""
    while (folded := unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())) != text:
        text = folded
    return " ".join(text.replace("\x1c", " ").split())


@settings(max_examples=500)
@given(
    st.lists(
        st.one_of(st.none(), st.text(), st.text(alphabet="aA ’É é\n\u0301Σσς가"), st.text("a \t\n\x1c\x85\xa0\u2028")),
        max_size=6,
    )
)
def test_it_is_the_definition_and_idempotent(texts):
    series = pl.Series(texts, dtype=pl.String)
    once = normalise(series)
    assert once.to_list() == [None if text is None else reference(text) for text in texts]
    assert normalise(once).to_list() == once.to_list()


def test_a_single_message_is_written_bare():
    talks = pl.DataFrame(
        {
            "m": [
                [{"role": "user", "content": "Hi"}],
                [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}],
            ]
        }
    )
    assert talks.select(m=written(pl.col("m")))["m"].to_list() == ["Hi", "user: Hi\n\nassistant: Yo"]
