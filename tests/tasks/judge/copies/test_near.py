import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reasons import Reason
from tasks.judge.copies.near import NEAR, Found, settle

PAIRS = 8
EDGES = st.sets(st.tuples(st.integers(0, PAIRS - 1), st.integers(0, PAIRS - 1)).filter(lambda e: e[0] < e[1]))


def kept(outcomes, votes, shares=None):
    return pl.DataFrame(
        {
            "pair_id": [f"p{at}" for at in range(len(outcomes))],
            "pair_key": [f"k{at}" for at in range(len(outcomes))],
            "dimension": "overall",
            "source": "A",
            "n_votes": votes,
            "vote_share": shares or [1.0] * len(outcomes),
            "tie": [each == 0 for each in outcomes],
            "is_left_chosen": [each >= 0 for each in outcomes],
        }
    )


def near(edges, *, is_parallel=True):
    rows = [(f"k{a}", f"k{b}", 0.9, is_parallel) for a, b in sorted(edges)]
    return pl.DataFrame(rows, schema=NEAR, orient="row")


def fates(outcomes, votes, edges, policy="majority", **said):
    settled = settle(kept(outcomes, votes), [Found("near", near(edges, **said), policy)])
    return {pair: (reason, partner) for pair, reason, partner, *_ in settled.fates.rows()}


@given(EDGES)
def test_what_agrees_goes_only_for_a_neighbour_that_stays(edges):
    gone = fates([1] * PAIRS, [1] * PAIRS, edges)
    names = {f"p{at}" for at in range(PAIRS)}
    tied = {frozenset((f"p{a}", f"p{b}")) for a, b in edges}
    for pair, (reason, partner) in gone.items():
        assert reason == Reason.near_duplicate
        assert partner in names - set(gone)
        assert frozenset((pair, partner)) in tied
        assert partner < pair
    assert not any(frozenset((a, b)) in tied for a in names - set(gone) for b in names - set(gone) if a != b)


def test_nothing_goes_through_a_chain():
    assert fates([1, 1, 1], [1, 1, 1], {(0, 1), (1, 2)}) == {"p1": ("near_duplicate", "p0")}


@given(EDGES, st.lists(st.sampled_from([-1, 0, 1]), min_size=PAIRS, max_size=PAIRS),
       st.lists(st.integers(1, 5), min_size=PAIRS, max_size=PAIRS))  # fmt: skip
def test_of_the_rest_no_two_near_ones_agree_or_contradict_each_other(edges, outcomes, votes):
    gone = fates(outcomes, votes, edges)
    for a, b in edges:
        if f"p{a}" not in gone and f"p{b}" not in gone:
            assert (outcomes[a] == 0) != (outcomes[b] == 0)


def plain_count(a, b, outcomes, votes, edges):
    """The votes for the answers of `a` and of `b`, from the neighbours of both, counted one by one."""
    near_to = {at: {at} | {other for edge in edges if at in edge for other in edge} for at in (a, b)}
    counts = {outcomes[a]: 0, outcomes[b]: 0}
    for voter in near_to[a] | near_to[b]:
        if outcomes[voter]:
            counts[outcomes[voter]] += votes[voter]
    return counts[outcomes[a]], counts[outcomes[b]]


@given(EDGES, st.lists(st.sampled_from([-1, 0, 1]), min_size=PAIRS, max_size=PAIRS),
       st.lists(st.integers(1, 5), min_size=PAIRS, max_size=PAIRS))  # fmt: skip
def test_contradictions_say_what_was_counted_and_the_fates_follow(edges, outcomes, votes):
    settled = settle(kept(outcomes, votes), [Found("near", near(edges), "majority")])
    gone = dict(settled.fates.select("pair_id", "near").rows())
    opposed = {(a, b) for a, b in edges if outcomes[a] * outcomes[b] < 0}
    told = settled.contradictions.to_dicts()
    assert {tuple(int(name[1:]) for name in row["ids"]) for row in told} == opposed
    for row in told:
        a, b = row["ids"]
        assert (row["votes_a"], row["votes_b"]) == plain_count(int(a[1:]), int(b[1:]), outcomes, votes, edges)
        assert row["settled"] == (
            "a" if row["votes_a"] > row["votes_b"] else "b" if row["votes_a"] < row["votes_b"] else "even"
        )
        losers = {"a": [b], "b": [a], "even": [a, b]}[row["settled"]]
        assert all(gone[each] in ("outvoted", "contradictory") for each in losers)
    lost = {row["ids"][1] for row in told if row["settled"] == "a"}
    lost |= {row["ids"][0] for row in told if row["settled"] == "b"}
    even = {name for row in told if row["settled"] == "even" for name in row["ids"]} - lost
    assert {name for name, reason in gone.items() if reason == "outvoted"} == lost
    assert {name for name, reason in gone.items() if reason == "contradictory"} == even


def test_agreeing_copies_vote_together():
    gone = fates([1, 1, -1], [1, 1, 1], {(0, 1), (0, 2), (1, 2)})
    assert gone == {"p2": ("outvoted", "p0"), "p1": ("near_duplicate", "p0")}


def test_two_that_contradict_a_third_vote_together_though_they_are_not_near_each_other():
    assert fates([1, 1, -1], [1, 1, 1], {(0, 2), (1, 2)}) == {"p2": ("outvoted", "p0")}


def test_votes_that_lost_on_their_own_pair_count_on_the_other_side():
    pairs = kept([1, -1], [3, 2], [2 / 3, 1.0])
    settled = settle(pairs, [Found("near", near({(0, 1)}), "majority")])
    assert settled.contradictions.select("votes_a", "votes_b", "settled").row(0) == (2.0, 3.0, "b")
    assert settled.fates.select("pair_id", "near").rows() == [("p0", "outvoted")]


def test_shares_that_differ_by_rounding_are_even():
    pairs = kept([1, 1, 1, -1], [3, 3, 3, 3], [2 / 3, 2 / 3, 2 / 3, 1.0])
    settled = settle(pairs, [Found("near", near({(0, 3), (1, 3), (2, 3)}), "majority")])
    assert settled.contradictions["settled"].to_list() == ["even"] * 3


@pytest.mark.parametrize(("policy", "reason"), [("drop", "contradictory"), ("keep", None)])
def test_other_policies_do_not_count(policy, reason):
    gone = fates([1, -1], [3, 1], {(0, 1)}, policy)
    assert {name: reason for name, (reason, _) in gone.items()} == ({"p0": reason, "p1": reason} if reason else {})


def test_crossed_pairs_agree_when_their_outcomes_differ():
    assert fates([1, -1], [1, 1], {(0, 1)}, is_parallel=False) == {"p1": ("near_duplicate", "p0")}


def test_where_left_and_right_cannot_be_told_apart_both_stay():
    assert fates([1, -1], [1, 1], {(0, 1)}, is_parallel=None) == {}


def test_a_tie_neither_agrees_nor_contradicts():
    assert fates([1, 0], [1, 1], {(0, 1)}) == {}
