"""Which pairs may be passed on: what nobody knows is not taken for allowed."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.push.terms import refusals, settle_terms, told


def kept(*licenses, **more):
    frame = pl.DataFrame(
        {
            "pair_id": [f"p{at}" for at in range(len(licenses))],
            "source": ["one"] * len(licenses),
            "license": list(licenses),
            "commercial_ok": [None if name is None else "NC" not in name for name in licenses],
            "is_whole": [True] * len(licenses),
        },
        schema_overrides={"license": pl.String, "commercial_ok": pl.Boolean},
    )
    return frame.with_columns(**more)


def settle(pairs, *, allow_unknown=False):
    return settle_terms(pairs, allow_unknown=allow_unknown)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("MIT", None), ("CC-BY-NC-4.0", None), ("CC-BY-ND-4.0", "license_forbids"), (None, "license_unknown"),
     ("proprietary", "license_forbids"), ("ours", "license_unknown")],
)  # fmt: skip
def test_a_licence_decides(name, reason):
    assert settle(kept(name))["reason"].to_list() == [reason]


def test_unknown_licences_can_be_let_through_and_forbidden_ones_cannot():
    found = settle(kept(None, "ours", "proprietary", "MIT"), allow_unknown=True)
    assert found["reason"].to_list() == [None, None, "license_forbids", None]


def test_media_are_withheld_with_their_own_reason():
    found = settle(kept("MIT", "proprietary", "MIT", is_whole=pl.Series([False, False, True])))
    assert found["reason"].to_list() == ["media_withheld", "license_forbids", None]
    assert refusals(found)["pairs"].to_list() == [1]


def test_refused_pairs_are_counted_by_source_and_told():
    pairs = kept("proprietary", "proprietary", "MIT", None, source=pl.Series(["one", "one", "one", "two"]))
    assert told(refusals(settle(pairs))) == [
        "one: 2 pairs under proprietary. All rights are reserved, so only the owner may pass it on.",
        "two: 1 pairs under no licence. Nobody says, or the name does not tell, whether the licence allows passing the "
        "pair on.",
    ]


NAMES = st.sampled_from([None, "MIT", "CC-BY-4.0", "CC-BY-ND-4.0", "ours"])


@given(st.lists(NAMES, min_size=1))
def test_no_pair_is_lost(names):
    pairs = kept(*names)
    assert settle(pairs).drop("reason").equals(pairs)
