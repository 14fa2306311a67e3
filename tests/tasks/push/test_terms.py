"""Which pairs may be passed on: the strictest licence counts, and what nobody knows is not taken for allowed."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.licenses import strictness
from tasks.push.terms import refusals, settle_terms, told

MERGED = {"pair_id": pl.String, "license": pl.String, "commercial_ok": pl.Boolean}


def kept(*licenses, **more):
    frame = pl.DataFrame(
        {
            "pair_id": [f"p{at}" for at in range(len(licenses))],
            "source": ["one"] * len(licenses),
            "license": list(licenses),
            "commercial_ok": [None if name is None else "NC" not in name for name in licenses],
            "is_text": [True] * len(licenses),
        },
        schema_overrides={"license": pl.String, "commercial_ok": pl.Boolean},
    )
    return frame.with_columns(**more)


def merged(*rows):
    return pl.DataFrame(rows, schema=MERGED, orient="row")


def settle(pairs, others=(), *, allow_unknown=False):
    return settle_terms(pairs, merged(*others), allow_unknown=allow_unknown)


@pytest.mark.parametrize(
    ("own", "others", "strictest", "commercial", "reason"),
    [
        ("MIT", [], "MIT", True, None),
        ("MIT", ["CC-BY-NC-4.0"], "CC-BY-NC-4.0", False, None),
        ("CC-BY-NC-4.0", ["MIT"], "CC-BY-NC-4.0", False, None),
        ("MIT", ["Apache-2.0"], "MIT", True, None),
        ("MIT", [None, "ours"], "MIT", True, None),
        ("MIT", ["CC-BY-4.0", "CC-BY-ND-4.0"], "CC-BY-ND-4.0", True, "license_forbids"),
        (None, ["MIT"], None, None, "license_unknown"),
        (None, ["proprietary"], "proprietary", True, "license_forbids"),
        ("ours", [], "ours", True, "license_unknown"),
    ],
)
def test_the_strictest_of_all_that_went_into_a_pair_counts(own, others, strictest, commercial, reason):
    rows = [("p0", name, None if name is None else "NC" not in name) for name in others]
    found = settle(kept(own), rows).row(0, named=True)
    assert (found["license"], found["commercial_ok"], found["reason"]) == (strictest, commercial, reason)


def test_unknown_licences_can_be_let_through_and_forbidden_ones_cannot():
    found = settle(kept(None, "ours", "proprietary", "MIT"), allow_unknown=True)
    assert found["reason"].to_list() == [None, None, "license_forbids", None]


def test_media_are_withheld_with_their_own_reason():
    found = settle(kept("MIT", "proprietary", "MIT", is_text=pl.Series([False, False, True])))
    assert found["reason"].to_list() == ["media_withheld", "license_forbids", None]
    assert refusals(found)["pairs"].to_list() == [1]


def test_refused_pairs_are_counted_by_source_and_told():
    pairs = kept("proprietary", "proprietary", "MIT", None, source=pl.Series(["one", "one", "one", "two"]))
    assert told(refusals(settle(pairs))) == [
        "one: 2 pairs under proprietary. All rights are reserved, so only the owner may pass it on.",
        "two: 1 pairs under no licence. Nobody says, or the name does not tell, whether the licence allows passing the "
        "pair on.",
    ]


NAMES = st.sampled_from([None, "MIT", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "ours"])


@given(st.lists(NAMES, min_size=1), st.lists(st.tuples(st.integers(0, 5), NAMES)))
def test_no_pair_is_lost_and_no_licence_becomes_milder(own, others):
    pairs = kept(*own)
    rows = [(f"p{at}", name, None) for at, name in others]
    found = settle(pairs, rows)
    assert found["pair_id"].to_list() == pairs["pair_id"].to_list()
    for pair_id, before, after in zip(found["pair_id"], own, found["license"], strict=True):
        went_in = [before, *[name for at, name, _ in rows if at == pair_id]]
        assert after in went_in
        assert strictness(after) == max(map(strictness, went_in)) or (strictness(before) == 0 and after == before)
