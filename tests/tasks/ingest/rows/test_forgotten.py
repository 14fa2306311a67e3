from __future__ import annotations

import polars as pl

from schemas.mapping.mapping import Mapping
from schemas.rows.tombstones import Forgotten, key_tombstone, row_tombstone
from tasks.ingest.rows.forgotten import find_forgotten, without_votes
from tasks.ingest.rows.keys import row_keys
from tasks.ingest.rows.pseudonym import Nameless

ANN, BOB = "anon-00000000000000aa", "anon-00000000000000bb"
MAPPING = Mapping.model_validate(
    {
        "prompt": "q",
        "responses": ["one", "two"],
        "winner": {"values": {"1": "a", "2": "b"}},
        "annotators": {"each": "votes", "id": "who", "vote": "pick"},
    }
)


def test_every_equal_row_is_found_and_no_other():
    texts = ["same", "other", "same"]
    keys, _ = row_keys("s", texts, [None] * 3, {})
    stone = keys.select(row_tombstone("s", "row_digest")).item(0, 0)
    assert find_forgotten("s", texts, keys, Forgotten(rows=frozenset([stone]))) == {0, 2}
    assert find_forgotten("t", texts, keys, Forgotten(rows=frozenset([stone]))) == frozenset()
    assert find_forgotten("s", texts, keys, Forgotten(rows=frozenset([keys["row_id"][1]]))) == {1}


def test_a_key_is_found_in_any_text_of_its_source():
    keys, _ = row_keys("s", ["new text", "x", "y"], ["k1", "k2", None], {})
    stone = pl.select(key_tombstone("s", pl.lit("k1"))).item()
    assert find_forgotten("s", ["", "", ""], keys, Forgotten(keys=frozenset([stone]))) == {0}


def test_a_person_is_found_wherever_a_row_names_them():
    keys, _ = row_keys("s", ["a", "b"], [None, None], {})
    assert find_forgotten(
        "s", [f'{{"who": "{ANN}"}}', f'{{"who": "{BOB}"}}'], keys, Forgotten(names=frozenset([BOB]))
    ) == {1}


def test_a_vote_goes_and_the_canonical_text_stays():
    votes = [{"who": ANN, "pick": 1}, {"who": BOB, "pick": 2}]
    docs = [{"q": "Q", "votes": votes}, {"q": "R", "votes": votes[:1]}]
    raw = [f"raw {BOB}", "raw"]
    left = without_votes(MAPPING, Nameless(docs, raw, ["c1", "c2"]), frozenset([BOB]))
    assert left.docs == [{"q": "Q", "votes": votes[:1]}, docs[1]]
    assert left.raw == ['{"q":"Q","votes":[{"who":"anon-00000000000000aa","pick":1}]}', "raw"]
    assert left.canonical == ["c1", "c2"]
