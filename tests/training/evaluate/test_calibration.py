import numpy as np
import pytest

from training.evaluate.calibration import both_orders, calibration, reliability

OUTCOMES = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 1.0])
PROBABILITIES = np.array([0.9, 0.81, 0.7, 0.61, 0.3, 0.55])


def test_golden_calibration_errors():
    """By hand: bins of 0.2 hold {.3}, {.55}, {.7, .61}, {.9, .81} with gaps .3, .45, .155 and .145."""
    found = calibration(PROBABILITIES, OUTCOMES, bins=5)
    assert found.ece == pytest.approx((0.3 + 0.45 + 0.31 + 0.29) / 6)
    assert found.ace == pytest.approx((0.3 + 0.45 + 0.155 + 0.145) / 4)
    assert found.mce == pytest.approx(0.45)


def test_the_published_example():
    """Sources and methods, ECE over five bins [low, high): 0.225."""
    outcomes = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    probabilities = np.array([0.9, 0.8, 0.7, 0.6, 0.3, 0.55])
    assert calibration(probabilities, outcomes, bins=5).ece == pytest.approx(0.225)


def test_certainty_falls_into_the_last_bin():
    found = reliability(np.array([1.0, 0.99]), np.array([1.0, 0.0]))
    assert (found.n.tolist(), found.observed.tolist()) == ([2], [0.5])


def test_a_model_that_knows_its_odds_is_calibrated():
    random = np.random.default_rng(0)
    gaps = random.normal(size=200_000)
    won = random.random(len(gaps)) < 1 / (1 + np.exp(-gaps))
    seen = np.where(won, gaps, -gaps)
    assert calibration(*both_orders(seen)).ece < 0.01
    assert calibration(*both_orders(4 * seen)).ece > 0.1


def test_nothing_cannot_be_calibrated():
    with pytest.raises(ValueError, match="no probabilities"):
        calibration(np.array([]), np.array([]))
