import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.reasons import Reason
from tasks.judge.near import NEAR, settle_near

PAIRS = 8
EDGES = st.sets(st.tuples(st.integers(0, PAIRS - 1), st.integers(0, PAIRS - 1)).filter(lambda e: e[0] < e[1]))


def kept(outcomes, votes):
    return pl.DataFrame(
        {
            "pair_id": [f"p{at}" for at in range(len(outcomes))],
            "pair_key": [f"k{at}" for at in range(len(outcomes))],
            "dimension": "overall",
            "source": "A",
            "n_votes": votes,
            "tie": [each == 0 for each in outcomes],
            "is_left_chosen": [each >= 0 for each in outcomes],
        }
    )


def near(edges, *, is_parallel=True):
    rows = [(f"k{a}", f"k{b}", 0.9, is_parallel) for a, b in sorted(edges)]
    return pl.DataFrame(rows, schema=NEAR, orient="row")


def fates(outcomes, votes, edges, policy="majority", **said):
    settled = settle_near(kept(outcomes, votes), near(edges, **said), policy)
    return {pair: (reason, partner) for pair, reason, partner, _ in settled.fates.rows()}


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
            assert outcomes[a] == 0 or outcomes[b] == 0 or outcomes[a] == -outcomes[b]


def test_agreeing_copies_vote_together():
    gone = fates([1, 1, -1], [1, 1, 1], {(0, 1), (0, 2), (1, 2)})
    assert gone == {"p2": ("outvoted", "p0"), "p1": ("near_duplicate", "p0")}


def test_crossed_pairs_agree_when_their_outcomes_differ():
    assert fates([1, -1], [1, 1], {(0, 1)}, is_parallel=False) == {"p1": ("near_duplicate", "p0")}


def test_where_left_and_right_cannot_be_told_apart_both_stay():
    assert fates([1, -1], [1, 1], {(0, 1)}, is_parallel=None) == {}


def test_a_tie_neither_agrees_nor_contradicts():
    assert fates([1, 0], [1, 1], {(0, 1)}) == {}
