"""Laws of a whole curation of records that are nearly alike: nothing is lost, nothing hangs on order or side, and once
is enough."""

import itertools
from random import Random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.text import normalise
from tests.tasks.shingles import plain
from tests.tasks.small_world import curate, plan, record

# Two answers that have nothing in common, in English and in Chinese.
ENGLISH = ([f"left{number}" for number in range(40)], [f"right{number}" for number in range(40)], " ")
CHINESE = ([chr(0x4E00 + number) for number in range(40)], [chr(0x5E00 + number) for number in range(40)], "")
QUESTION, OTHER = ([f"{word}{number}" for number in range(30)] for word in ("asked", "wanted"))


def edited(tokens, changed, joint):
    """Exchange the tokens at `changed`, each for one that no other place gets."""
    return joint.join(
        (f"new{at}" if joint else chr(0x6E00 + at)) if at in changed else token for at, token in enumerate(tokens)
    )


def draft(random):
    """One record: its language, edits of prompt and answers, which answer comes first, votes, source, evaluation."""

    def some(places, most):
        return set(random.sample(places, random.randint(0, most)))

    outcomes = random.choices(["a", "b", "tie"], [5, 5, 1], k=random.choice([0, 1, 1, 1, 2]))
    return (
        random.choice([ENGLISH, ENGLISH, CHINESE]), random.choice([QUESTION, QUESTION, OTHER]), some([0, 15, 29], 1),
        some([0, 7, 20, 39], 2), some([0, 7, 20, 39], 2), random.random() < 0.5,
        [(outcome, random.choice([None, "w1", "w2"])) for outcome in outcomes], random.choice("AB"),
        random.random() < 0.03,
    )  # fmt: skip


def several(seed):
    random = Random(seed)
    return [draft(random) for _ in range(random.randint(2, 8))]


# Drawn evenly: hypothesis by itself prefers records that are equal, and those are not near.
drafts = st.integers(0, 10**9).map(several)
policies = st.sampled_from(["majority", "drop", "keep"])


def made(drafts):
    made = []
    for at, (language, question, asked, one, two, is_swapped, votes, source, tested) in enumerate(drafts):
        left, right, joint = language
        texts = [edited(left, one, joint), edited(right, two, joint)]
        answers, prompt = texts[::-1] if is_swapped else texts, edited(question, asked, " ")
        made.append(record(f"r{at}", prompt, answers, *votes, source=source, evaluation_only=tested))
    return made


def settled(policy):
    return plan(dedupe={"contradictions": policy})


def fates(tables):
    return tables["pairs"].select("pair_id", "kept", "reason", "n_votes", "split", "component_id").sort("pair_id")


def contradictions(tables):
    told = tables["contradictions"].select("dimension", "method", pl.col("ids").list.sort())
    return sorted(told.rows())


def sets_of(pair):
    return [
        plain.shingles(text, 5) for text in normalise(pl.Series([pair[s] for s in ("chosen", "rejected", "prompt")]))
    ]


def likeness(one, two):
    first, second = sets_of(one), sets_of(two)
    return min(plain.jaccard(set().union(*first[:parts]), set().union(*second[:parts])) for parts in (2, 3))


def side(one, two):
    """1 if both chose nearly the same answer, -1 if one chose what the other rejected, 0 if that cannot be told."""
    (a, b, _), (c, d, _) = sets_of(one), sets_of(two)
    straight, crossed = plain.jaccard(a, c) + plain.jaccard(b, d), plain.jaccard(a, d) + plain.jaccard(b, c)
    return (straight > crossed) - (straight < crossed)


@settings(max_examples=30, deadline=None)
@given(drafts, policies)
def test_every_pair_has_one_fate_and_near_copies_a_kept_partner(drafts, policy):
    tables = curate(made(drafts), settled(policy))
    pairs, decisions = tables["pairs"], tables["decisions"]
    spoken, silent = set(pairs["record_id"]), set(decisions.filter(subject="record")["subject_id"])
    assert spoken | silent == {f"r{at}" for at in range(len(drafts))}
    assert not spoken & silent
    assert (pairs["kept"] == pairs["reason"].is_null()).all()
    told = decisions.filter(pl.col("subject") == "pair", pl.col("action") != "flag")
    assert sorted(told["subject_id"]) == sorted(pairs.filter(~pl.col("kept"))["pair_id"])
    partners = told.filter(reason="near_duplicate").join(pairs, left_on="partner_id", right_on="pair_id")
    assert partners["kept"].all()
    assert partners.height == pairs.filter(reason="near_duplicate").height


@settings(max_examples=30, deadline=None)
@given(drafts, policies)
def test_near_copies_agree_with_their_partner_and_contradictions_do_not(drafts, policy):
    tables = curate(made(drafts), settled(policy))
    pairs = {pair["pair_id"]: pair for pair in tables["pairs"].to_dicts()}
    for told in tables["decisions"].filter(stage="near").to_dicts():
        one, two = pairs[told["subject_id"]], pairs[told["partner_id"]]
        assert likeness(one, two) == told["score"] >= 0.8
        if not one["tie"]:
            assert side(one, two) == (1 if told["reason"] == "near_duplicate" else -1)


@settings(max_examples=30, deadline=None)
@given(drafts)
def test_of_what_is_kept_no_two_pairs_are_near_and_agree_or_contradict_each_other(drafts):
    kept = curate(made(drafts))["pairs"].filter("kept").to_dicts()
    for one, two in itertools.combinations(kept, 2):
        if likeness(one, two) >= 0.8 and side(one, two):
            assert one["tie"] != two["tie"]


@settings(max_examples=30, deadline=None)
@given(drafts, policies, st.randoms())
def test_the_order_of_records_does_not_matter(drafts, policy, order):
    records = made(drafts)
    shuffled = records.copy()
    order.shuffle(shuffled)
    first, second = curate(records, settled(policy)), curate(shuffled, settled(policy))
    assert fates(first).equals(fates(second))
    assert contradictions(first) == contradictions(second)


@settings(max_examples=30, deadline=None)
@given(drafts, policies)
def test_the_mirror_image_of_every_record_has_the_same_fate(drafts, policy):
    swap = {"a": "b", "b": "a"}
    mirrored = [
        (*about, not is_swapped, [(swap.get(outcome, outcome), who) for outcome, who in votes], source, tested)
        for *about, is_swapped, votes, source, tested in drafts
    ]
    first, second = curate(made(drafts), settled(policy)), curate(made(mirrored), settled(policy))
    assert fates(first).equals(fates(second))
    assert contradictions(first) == contradictions(second)


@settings(max_examples=30, deadline=None)
@given(drafts, policies)
def test_what_is_kept_is_kept_when_it_is_curated_again(drafts, policy):
    tables = curate(made(drafts), settled(policy))
    about = tables["records"].select("record_id", "source", "evaluation_only")
    kept = tables["pairs"].filter("kept").drop("source").join(about, on="record_id").to_dicts()
    again = [
        record(
            pair["record_id"], pair["prompt"], [pair["chosen"], pair["rejected"]], ("tie" if pair["tie"] else "a", None),
            source=pair["source"], evaluation_only=pair["evaluation_only"],
        )
        for pair in kept
    ]  # fmt: skip
    pairs = curate(again, settled(policy))["pairs"]
    assert pairs["kept"].all()
    assert pairs.height == len(kept)
