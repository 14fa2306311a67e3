"""The law of ingest: rows can be rebuilt from the typed tables, whatever they hold."""

import copy
import json

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.ingest.extras import LONG as LONG_ENOUGH
from tests.tasks.ingest.samples import LONG, SAMPLES
from tests.tasks.ingest.shards import assert_nothing_is_lost, facts_of, ingest_by, recognised

PAIR = ingest_by({"prompt": "p", "system": "s", "responses": [{"text": "x", "generator": "g"}, "y"], "id": "k",
                  "winner": {"always": "a"}})  # fmt: skip
ODD = [
    "",
    " ",
    "\n\nHuman:",
    "\n\nAssistant: ",
    "[1]",
    '{"role":"user","content":"x"}',
    "$text",
    LONG,
    LONG + " ",
    "## Human:\n",
]
texts = st.one_of(st.sampled_from(ODD), st.text(max_size=6), st.text(min_size=LONG_ENOUGH, max_size=LONG_ENOUGH + 4))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), texts
)
keys = st.one_of(st.sampled_from(["$text", "$absent", "$prompt", "p", "role", "content"]), st.text(max_size=3))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.fixed_dictionaries({"p": texts, "x": texts, "y": texts},
                                      optional={"s": values, "g": values, "k": values, "$absent": values, "more": values}), max_size=4))  # fmt: skip
def test_pairs_with_anything_beside_them(docs):
    facts = facts_of(PAIR, docs)
    assert facts["quarantine"].height == 0
    assert_nothing_is_lost(PAIR, facts, docs)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_samples_of_adapters_with_other_texts_in_any_place(name, data):
    ingest = recognised(SAMPLES[name])
    docs = copy.deepcopy(SAMPLES[name])
    for doc in docs:
        _disturb(doc, data)
    facts = facts_of(ingest, docs)
    assert_nothing_is_lost(ingest, facts, docs)
    mapped = facts["rows"].filter(pl.col("fate") == "mapped")["row_id"]
    assert set(mapped) == set(facts["records"]["row_ids"].explode())
    assert facts["quarantine"].height + len(mapped) == len(docs)


def _disturb(value, data):
    """Change one leaf of a row."""
    while isinstance(value, dict | list) and value:
        key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        if not isinstance(value[key], dict | list) or not value[key] or data.draw(st.integers(0, 9)) == 0:
            value[key] = data.draw(values)
            return
        value = value[key]


@pytest.mark.parametrize("style", [{}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"indent": 1}])
def test_messages_as_json_text_come_back_as_they_were_written(style):
    said = [{"role": "user", "content": "Où est la lampe dans cette pièce étroite et sombre ?"}]
    docs = [{"p": json.dumps(said, **style), "x": "1", "y": "2"}]
    facts = facts_of(PAIR, docs)
    assert_nothing_is_lost(PAIR, facts, docs)
    assert ("lampe" in (facts["records"]["extras"][0] or "")) is ("indent" in style)


def test_types_that_look_alike_stay_apart():
    docs = [{"p": "?", "x": "1", "y": "2", "k": key, "g": key} for key in (1, 1.0, "1", True, None, "", 2**70)]
    facts = facts_of(PAIR, docs)
    assert_nothing_is_lost(PAIR, facts, docs)


def test_the_texts_of_a_pair_are_stored_once():
    facts = facts_of(PAIR, [{"p": LONG, "x": LONG, "y": LONG + "!", "copy": [LONG, {"of": LONG + "!"}]}])
    assert LONG not in facts["records"]["extras"][0]
