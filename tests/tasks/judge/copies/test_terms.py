"""A merged pair stands under the strictest licence of all that went into it."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.licenses import strictness
from tasks.judge.copies.terms import strictest_terms
from tests.tasks.small_world import curate, plan, record

NAMES = st.sampled_from([None, "MIT", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "ours"])


def is_commercial(name):
    return None if name is None else "NC" not in name


def settle(*names):
    """The terms of a pair whose own licence is the first of `names`, with copies under the others."""
    pairs = pl.DataFrame(
        {
            "pair_id": [f"p{at}" for at in range(len(names))],
            "record_id": [f"r{at}" for at in range(len(names))],
            "carrier": "p0",
            "merged": [None] + ["merged_exact"] * (len(names) - 1),
        },
        schema_overrides={"merged": pl.String},
    )
    records = pl.DataFrame(
        {"record_id": pairs["record_id"], "license": names, "commercial_ok": [is_commercial(name) for name in names]},
        schema_overrides={"license": pl.String, "commercial_ok": pl.Boolean},
    )
    return strictest_terms(pairs, records.lazy()).select("license", "commercial_ok").row(0)


@pytest.mark.parametrize(
    ("own", "others", "strictest", "commercial"),
    [
        ("MIT", ["CC-BY-NC-4.0"], "CC-BY-NC-4.0", False),
        ("CC-BY-NC-4.0", ["MIT"], "CC-BY-NC-4.0", False),
        ("MIT", ["Apache-2.0"], "MIT", True),
        ("MIT", [None, "ours"], "MIT", True),
        ("MIT", ["CC-BY-4.0", "CC-BY-ND-4.0"], "CC-BY-ND-4.0", True),
        (None, ["MIT"], None, None),
        (None, ["proprietary"], "proprietary", True),
        ("ours", ["MIT"], "ours", True),
    ],
)
def test_the_strictest_of_all_that_went_into_a_pair_counts(own, others, strictest, commercial):
    assert settle(own, *others) == (strictest, commercial)


@given(NAMES, st.lists(NAMES, min_size=1))
def test_no_licence_becomes_milder(own, others):
    found, _ = settle(own, *others)
    went_in = [own, *others]
    assert found in went_in
    assert strictness(found) == max(map(strictness, went_in)) or (strictness(own) == 0 and found == own)


def test_a_run_writes_it_down():
    answers = ["Four of them.", "None at all."]
    rows = [
        record("r1", "How many?", answers, ("a", None), license="MIT", commercial_ok=True),
        record("r2", "How many?", answers, ("a", None), source="B", license="CC-BY-NC-4.0", commercial_ok=False),
        record("r3", "Why, then?", answers, ("a", None), license="MIT", commercial_ok=True),
        record("r4", "And who?", answers, ("a", None), license="MIT", commercial_ok=True),
        record(
            "r5", "And who?", answers, ("b", "x"), ("b", "y"), source="B", license="proprietary", commercial_ok=False
        ),
    ]
    found = curate(rows, plan())["pairs"].filter("kept").sort("record_id")
    assert found.select("record_id", "license", "commercial_ok").rows() == [
        ("r1", "CC-BY-NC-4.0", False),
        ("r3", "MIT", True),
        ("r5", "proprietary", False),
    ]
