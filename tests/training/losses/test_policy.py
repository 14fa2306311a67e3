"""Golden numbers: policy (-20, -30), reference (-22, -29), lengths 10 and 20, so the gap is 3."""

import pytest
import torch

from tests.training.losses.formulas import bco, dpo, ipo
from training.losses.policy import scaled_beta

GAP = torch.tensor([3.0])
PER_TOKEN = torch.tensor([2.0 / 10 + 1.0 / 20])


def test_dpo():
    assert dpo(GAP, 0.1).item() == pytest.approx(0.554355, abs=1e-6)
    assert dpo(PER_TOKEN, 2.0).item() == pytest.approx(0.474077, abs=1e-6)


def test_ipo():
    assert ipo(GAP, 0.1).item() == pytest.approx(4.0)
    assert ipo(PER_TOKEN, 1.0).item() == pytest.approx(0.0625)


def test_bco():
    one_side = bco(torch.tensor([0.2]), torch.tensor([-0.1]), 0.05).item() / 2
    assert one_side == pytest.approx(0.620957, abs=1e-6)


def test_scaled_beta():
    beta = scaled_beta(0.1, torch.tensor([1.5]), 0.5, 0.5)
    assert beta.item() == pytest.approx(0.126382, abs=1e-6)
    assert dpo(GAP, beta).item() == pytest.approx(0.521437, abs=1e-6)
    bounds = scaled_beta(0.1, torch.tensor([-5.0, 0.0, 1e9]), 0.5, 0.5)
    assert bounds.tolist() == pytest.approx([0.1, 0.1, 0.15])
