"""What licences allow is told by their names, and a name that tells nothing allows nothing."""

import pytest

from schemas.licenses import Forbidden, forbidden, hub_identifier, refusal, strictness
from schemas.reasons import Reason


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Proprietary", Forbidden.all_rights_reserved),
        ("Copyright 2024 Example Ltd, all rights reserved", Forbidden.all_rights_reserved),
        ("Research use, no redistribution", Forbidden.no_redistribution),
        ("not for re-distribution", Forbidden.no_redistribution),
        ("internal use only", Forbidden.no_redistribution),
        ("CC-BY-ND-4.0", Forbidden.no_derivatives),
        ("cc_by_nc_nd 4.0", Forbidden.no_derivatives),
        ("LDC User Agreement", Forbidden.signed_agreement),
        ("MIT and CC-BY-NC-ND-4.0", Forbidden.no_derivatives),
    ],
)
def test_what_forbids_passing_on_is_named_with_its_reason(name, why):
    assert (forbidden(name), refusal(name)) == (why, Reason.license_forbids)


@pytest.mark.parametrize(
    "name",
    ["MIT", "mit license", "Apache-2.0", "CC0-1.0", "CC-BY-4.0", "cc by sa 4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "ODC-BY-1.0",
     "odbl", "public domain", "BSD-3-Clause", "GPL-3.0-only", "llama3.1", "CC-BY-4.0, CC-BY-NC-4.0", "MIT OR Apache-2.0"],
)  # fmt: skip
def test_known_licences_allow_passing_on(name):
    assert refusal(name) is None


@pytest.mark.parametrize(
    "name", [None, "", "  ", "Reddit terms", "mixed, Apache-2.0 over upstream terms", "ours", "unknown", "MIT or ours", "mitigated"]
)  # fmt: skip
def test_a_name_that_tells_nothing_is_unknown(name):
    assert (refusal(name), strictness(name)) == (Reason.license_unknown, 0)


def test_licences_rank_by_what_they_ask():
    order = ["CC0-1.0", "MIT", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0"]
    ranks = [strictness(name) for name in order]
    assert ranks == sorted(set(ranks))
    assert strictness("MIT AND CC-BY-NC-4.0") == strictness("CC-BY-NC-4.0")


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("MIT", "mit"),
        ("CC-BY-NC-4.0", "cc-by-nc-4.0"),
        ("ODC-BY-1.0", "odc-by"),
        ("GPL-3.0-or-later", "gpl-3.0"),
        ("CC0", "cc0-1.0"),
        ("Reddit terms", "other"),
        (None, "unknown"),
    ],
)
def test_the_hub_has_names_of_its_own(name, identifier):
    assert hub_identifier(name) == identifier


def test_every_refusal_has_a_sentence():
    assert all(each.sentence.endswith(".") for each in Forbidden)
