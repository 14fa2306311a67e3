"""Golden numbers: computed by hand from r_c = 1.2, r_r = 0.3."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.losses.reward import bradley_terry, bradley_terry_with_ties, soft_bradley_terry, tie_penalty

CHOSEN, REJECTED = torch.tensor([1.2]), torch.tensor([0.3])
rewards = st.lists(st.floats(-8, 8), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("settings", "golden"),
    [({}, 0.341154), ({"margin": 0.5}, 0.513015), ({"regularisation": 0.001}, 0.341919)],
)
def test_bradley_terry(settings, golden):
    assert bradley_terry(CHOSEN, REJECTED, **settings).item() == pytest.approx(golden, abs=1e-6)


def test_a_margin_per_pair():
    gaps = torch.tensor([2.0, 0.0])
    found = bradley_terry(gaps, torch.zeros(2), torch.tensor([1.0, 0.0]))
    assert found.item() == pytest.approx((math.log1p(math.exp(-1.0)) + math.log(2.0)) / 2, abs=1e-6)


def test_tie_penalty():
    assert tie_penalty(CHOSEN, REJECTED).item() == pytest.approx(0.81, abs=1e-6)


def test_a_perfect_tie_costs_nothing_and_any_gap_costs_something():
    half = torch.tensor([0.5])
    assert soft_bradley_terry(torch.zeros(1), torch.zeros(1), half).item() == pytest.approx(0.0, abs=1e-7)
    assert soft_bradley_terry(CHOSEN, REJECTED, half).item() > 0.05


@given(rewards)
def test_a_sure_share_is_bradley_terry(values):
    gaps = torch.tensor(values, dtype=torch.float64)
    zero, one = torch.zeros_like(gaps), torch.ones_like(gaps)
    assert soft_bradley_terry(gaps, zero, one).item() == pytest.approx(bradley_terry(gaps, zero).item(), abs=1e-9)


@given(rewards, st.floats(0, 1))
def test_seen_from_the_other_side_it_costs_the_same(values, share):
    gaps = torch.tensor(values, dtype=torch.float64)
    zero, shares = torch.zeros_like(gaps), torch.full_like(gaps, share)
    there, back = soft_bradley_terry(gaps, zero, shares), soft_bradley_terry(zero, gaps, 1.0 - shares)
    assert there.item() == pytest.approx(back.item(), abs=1e-9)
    assert there.item() >= -1e-12


def test_bradley_terry_with_ties_is_each_loss_where_it_applies():
    chosen, rejected = torch.tensor([1.2, 1.2]), torch.tensor([0.3, 0.3])
    mixed = bradley_terry_with_ties(chosen, rejected, torch.tensor([True, False]), tie_weight=2.0)
    assert mixed.item() == pytest.approx((2 * 0.81 + 0.341154) / 2, abs=1e-6)
    decided = bradley_terry_with_ties(chosen, rejected, torch.tensor([False, False]), 0.5)
    assert decided.item() == pytest.approx(bradley_terry(chosen, rejected, 0.5).item())
    regularised = bradley_terry_with_ties(chosen, rejected, torch.tensor([False, False]), regularisation=0.001)
    assert regularised.item() == pytest.approx(0.341919, abs=1e-6)
