"""Laws of a whole curation of records that mean nearly the same: nothing hangs on order or side, once is enough."""

import itertools
from random import Random

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tasks.small_world import curate, plan, record

THRESHOLD = 0.95


# Degrees in letters: texts with other numbers are never twins.
LETTERS = dict(zip("0123456789", "zyxwvutsrq", strict=True))


def said(kind, degrees):
    return f"{kind} " + "".join(LETTERS[digit] for digit in str(degrees))


def angle_of(text):
    """Texts end with their direction; those of another kind are at right angles to all others."""
    digits = {letter: digit for digit, letter in LETTERS.items()}
    return int("".join(digits[letter] for letter in text.split()[1]))


def vector_of(text):
    angle = np.radians(angle_of(text))
    plane = 0 if text.startswith("ask") else 2
    vector = np.zeros(4)
    vector[plane : plane + 2] = np.cos(angle), np.sin(angle)
    return vector.tolist()


def several(seed):
    random = Random(seed)
    return [
        (
            said("ask", random.choice([0, 6, 12, 24, 90])), said("say", random.choice([0, 8, 16, 30])),
            said("say", random.choice([60, 68, 76, 90, 10])), random.random() < 0.5,
            [(random.choice("aaabt").replace("t", "tie"), random.choice([None, "w1", "w2"]))
             for _ in range(random.choice([0, 1, 1, 1, 2]))], random.choice("AB"),
        )
        for _ in range(random.randint(2, 8))
    ]  # fmt: skip


drafts = st.integers(0, 10**9).map(several)
policies = st.sampled_from(["keep", "majority", "drop"])


def made(drafts):
    return [
        record(f"r{at}", prompt, [two, one] if is_swapped else [one, two], *votes, source=source)
        for at, (prompt, one, two, is_swapped, votes, source) in enumerate(drafts)
    ]


def through(records, policy="keep"):
    texts = {text for each in records for text in (each["prompt"], *each["answers"])}
    world = plan(dedupe={"near": None, "semantic": {"contradictions": policy}}, models={"text": {}})
    return curate(records, world, vectors={text: vector_of(text) for text in texts})


def fates(tables):
    return tables["pairs"].select("pair_id", "kept", "reason", "n_votes", "split", "component_id").sort("pair_id")


def contradictions(tables):
    return sorted(tables["contradictions"].select("dimension", "method", pl.col("ids").list.sort()).rows())


def cosine(one, two):
    return np.dot(vector_of(one), vector_of(two))


def sides(one, two):
    """How near the responses of two pairs are, chosen to chosen and chosen to rejected."""
    return (
        min(cosine(one["chosen"], two["chosen"]), cosine(one["rejected"], two["rejected"])),
        min(cosine(one["chosen"], two["rejected"]), cosine(one["rejected"], two["chosen"])),
    )


def agree(one, two):
    """1 if both chose what means the same, -1 if one chose what the other rejected, 0 if no twins or untold."""
    straight, crossed = (float(each) for each in sides(one, two))
    nearer, farther = max(straight, crossed), min(straight, crossed)
    is_told = 2 * (1 - nearer) <= 1 - farther + 1e-7
    if min(cosine(one["prompt"], two["prompt"]), nearer) < THRESHOLD or not is_told:
        return 0
    return (straight > crossed) - (straight < crossed)


@settings(max_examples=40, deadline=None)
@given(drafts, policies)
def test_every_pair_has_one_fate_and_a_copy_a_kept_twin_that_agrees(drafts, policy):
    tables = through(made(drafts), policy)
    pairs = {pair["pair_id"]: pair for pair in tables["pairs"].to_dicts()}
    assert all(pair["kept"] == (pair["reason"] is None) for pair in pairs.values())
    told = tables["decisions"].filter(pl.col("subject") == "pair", pl.col("action") != "flag")
    assert sorted(told["subject_id"]) == sorted(name for name, pair in pairs.items() if not pair["kept"])
    for row in told.filter(reason="semantic_duplicate").to_dicts():
        one, two = pairs[row["subject_id"]], pairs[row["partner_id"]]
        assert two["kept"]
        assert one["tie"] or agree(one, two) == 1
        assert row["score"] >= THRESHOLD


@settings(max_examples=40, deadline=None)
@given(drafts)
def test_what_is_kept_never_agrees_twice_and_every_contradiction_is_told(drafts):
    tables = through(made(drafts))
    told = {frozenset(ids) for _, _, ids in contradictions(tables)}
    kept = tables["pairs"].filter(pl.col("kept") & ~pl.col("tie")).to_dicts()
    for one, two in itertools.combinations(kept, 2):
        if one["pair_key"] == two["pair_key"]:
            continue
        assert agree(one, two) != 1
        assert (agree(one, two) == -1) == (frozenset((one["pair_id"], two["pair_id"])) in told)


@settings(max_examples=40, deadline=None)
@given(drafts, policies, st.randoms())
def test_the_order_of_records_does_not_matter(drafts, policy, order):
    records = made(drafts)
    shuffled = records.copy()
    order.shuffle(shuffled)
    first, second = through(records, policy), through(shuffled, policy)
    assert fates(first).equals(fates(second))
    assert contradictions(first) == contradictions(second)


@settings(max_examples=40, deadline=None)
@given(drafts, policies)
def test_the_mirror_image_of_every_record_has_the_same_fate(drafts, policy):
    swap = {"a": "b", "b": "a"}
    mirrored = [
        (prompt, one, two, not is_swapped, [(swap.get(outcome, outcome), who) for outcome, who in votes], source)
        for prompt, one, two, is_swapped, votes, source in drafts
    ]
    first, second = through(made(drafts), policy), through(made(mirrored), policy)
    assert fates(first).equals(fates(second))
    assert contradictions(first) == contradictions(second)


@settings(max_examples=40, deadline=None)
@given(drafts, policies)
def test_what_was_kept_is_kept_again(drafts, policy):
    """What comes again is what was kept, with its answer: copies that voted for it do not come again."""
    first = through(made(drafts), policy)
    sources = first["records"].select("record_id", "source")
    kept = first["pairs"].filter("kept").drop("source").join(sources, on="record_id").to_dicts()
    again = [
        record(
            pair["record_id"], pair["prompt"], [pair["chosen"], pair["rejected"]], ("tie" if pair["tie"] else "a", None),
            source=pair["source"],
        )
        for pair in kept
    ]  # fmt: skip
    if again:
        pairs = through(again, policy)["pairs"]
        assert pairs["kept"].all()
        assert pairs.height == len(kept)
