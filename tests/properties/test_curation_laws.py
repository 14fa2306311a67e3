"""Laws of a whole curation, on any records: nothing is lost, order does not matter, a mirror image changes nothing."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tasks.small_world import curate, plan, record

WORDS = ["yes", "Yes ", "no", "NO", "maybe", ""]
OUTCOMES = ["a", "b", "tie", "both_bad", "invalid"]
votes = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from([None, "w1", "w2", "w3"])), max_size=3)
drafts = st.lists(
    st.tuples(
        st.sampled_from(["p", "P ", "q"]), st.sampled_from(WORDS), st.sampled_from(WORDS), votes,
        st.sampled_from(["A", "B"]), st.booleans(),
    ),
    max_size=8,
)  # fmt: skip
RULES = [
    {"name": "short", "drop": "chosen_chars < 3"},
    {"name": "lean", "on": "judgments", "drop": "annotator_agreement < 0.5"},
]


def made(drafts):
    return [
        record(f"r{at}", prompt, [one, other], *votes, source=source, evaluation_only=tested)
        for at, (prompt, one, other, votes, source, tested) in enumerate(drafts)
    ]


def fates(tables):
    return tables["pairs"].select("pair_id", "chosen", "rejected", "kept", "reason", "n_votes", "split").sort("pair_id")


@settings(max_examples=120, deadline=None)
@given(drafts)
def test_every_record_has_pairs_or_a_reason_and_every_pair_one_fate(drafts):
    tables = curate(made(drafts), plan(rules=RULES))
    pairs, decisions = tables["pairs"], tables["decisions"]
    silent = set(decisions.filter(subject="record")["subject_id"])
    spoken = set(pairs["record_id"])
    assert silent | spoken == {f"r{at}" for at in range(len(drafts))}
    assert not silent & spoken
    assert (pairs["kept"] == pairs["reason"].is_null()).all()
    kept = pairs.filter("kept")
    assert kept.select("pair_key", "dimension").is_duplicated().sum() == 0
    assert set(pairs.filter(~pl.col("kept"))["pair_id"]) == set(
        decisions.filter(pl.col("subject") == "pair")["subject_id"]
    )
    merged = decisions.filter(pl.col("action") == "merge").drop_nulls("partner_id")
    carriers = pairs.join(merged.select(pair_id="partner_id").unique(), on="pair_id")
    assert carriers["kept"].all()


@settings(max_examples=80, deadline=None)
@given(drafts, st.randoms())
def test_the_order_of_records_does_not_matter(drafts, order):
    records = made(drafts)
    shuffled = records.copy()
    order.shuffle(shuffled)
    assert fates(curate(records, plan(rules=RULES))).equals(fates(curate(shuffled, plan(rules=RULES))))


@settings(max_examples=80, deadline=None)
@given(drafts)
def test_the_mirror_image_of_every_record_gives_the_same_pairs(drafts):
    swap = {"a": "b", "b": "a"}
    mirrored = [
        (prompt, other, one, [(swap.get(outcome, outcome), who) for outcome, who in votes], source, tested)
        for prompt, one, other, votes, source, tested in drafts
    ]
    # A vote between equal texts, and a tie, have no direction: which text stands where is then free.
    names = ["pair_id", "kept", "reason", "n_votes", "split"]
    assert fates(curate(made(drafts))).select(names).equals(fates(curate(made(mirrored))).select(names))
