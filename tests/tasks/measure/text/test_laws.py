"""What holds of every measure, whatever the texts."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.rules.metrics import MEASURES
from tasks.measure.measure import OF_A_TEXT
from tasks.measure.text import phrases
from tasks.measure.text.language import detect
from tasks.measure.text.ngrams import prompt_overlap

PIECES = [
    "the cat sat ",
    "I can't help ",
    "# ",
    "```\n",
    "我无法提供",
    "a@b.org ",
    "idiot ",
    "\n",
    "4111111111111111 ",
    "é’",
]
TEXTS = st.one_of(st.none(), st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
MEASURED = {
    **OF_A_TEXT,
    "language": lambda text: detect(text).struct.field("language"),
    "language_confidence": lambda text: detect(text).struct.field("language_confidence"),
    "prompt_overlap": lambda text: prompt_overlap(pl.lit("the cat sat on the mat"), text),
}


def measured(texts):
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    return frame.select(measure(pl.col("t")).alias(name) for name, measure in MEASURED.items())


@settings(max_examples=12, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_number_depends_on_its_text_alone_and_is_of_its_type(texts):
    whole = measured(texts)
    assert whole.equals(pl.concat([measured([text]) for text in texts]))
    assert measured(texts[::-1]).equals(whole.reverse())
    assert dict(whole.schema) == {name: MEASURES[name].dtype for name in MEASURED}


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_null_for_no_text_and_never_nan(texts):
    whole = measured(texts)
    floats = whole.select(pl.col(pl.Float64))
    assert not floats.select(pl.any_horizontal(pl.all().is_nan().fill_null(value=False).any())).item()
    shares = floats.drop("readability")
    assert all(shares[name].drop_nulls().is_between(0.0, 1.0).all() for name in shares.columns)
    missing = whole.filter(pl.Series([text is None for text in texts]))
    assert all(missing[name].null_count() == missing.height for name in whole.columns)


@pytest.mark.parametrize("pattern", phrases._REFUSALS)
def test_every_refusal_holds_one_of_the_words_that_are_looked_for_first(pattern):
    """The shortest texts that a pattern matches, made from the pattern itself."""

    # A pattern with word boundaries is hard to fill at random; that says nothing of the law.
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern))
    def check(text):
        lower = pl.Series([text.lower()])
        if lower.str.contains(pattern).item():
            assert lower.str.contains_any(phrases._REFUSING_WORDS).item()

    check()
