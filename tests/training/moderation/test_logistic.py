import numpy as np
import pytest
import torch

from training.moderation.logistic import Told, best_threshold, fit, loss_of, positive_weight, tune


def test_the_fit_is_where_the_gradient_vanishes():
    features = torch.tensor([[1.0, 0.5], [0.2, -1.0], [-0.4, 0.3], [2.0, 1.0]])
    values = torch.tensor([1.0, 0.0, 0.0, 1.0])
    line = fit(Told(features, values), 2.0, 3.0)
    counted = torch.where(values > 0.5, 3.0, 1.0)
    error = (torch.sigmoid(line(features)) - values) * counted
    slope = (error[:, None] * features).sum(0) * 2.0 + line.weights
    assert slope.abs().max() < 1e-3
    assert abs(float(error.sum())) < 1e-3


def test_the_loss_by_hand():
    logits, values = torch.tensor([0.0, np.log(3.0)]), torch.tensor([1.0, 0.0])
    # -3·log ½ for the positive, -log ¼ for the other
    assert float(loss_of(logits, values, 3.0)) == pytest.approx((3 * np.log(2) + np.log(4)) / 2)


@pytest.mark.parametrize(("positives", "weight"), [(50, 1.0), (25, 3.0), (1, 10.0), (0, 10.0), (99, 1.0)])
def test_positives_weigh_as_much_as_they_are_rare_up_to_a_limit(positives, weight):
    values = torch.zeros(100)
    values[:positives] = 1.0
    assert positive_weight(values, 10.0) == pytest.approx(weight)


def test_noise_is_answered_with_a_stronger_ridge():
    random = torch.Generator().manual_seed(0)
    train, held_out = (
        Told(torch.randn(200, 40, generator=random), (torch.rand(200, generator=random) < 0.5).float())
        for _ in range(2)
    )
    assert tune(train, held_out, [0.0001, 1.0, 100.0], 1.0).strength == 0.0001


def test_the_threshold_with_the_best_f1():
    probabilities = np.array([0.9, 0.8, 0.7, 0.3, 0.2])
    values = np.array([True, True, False, True, False])
    # Calling four finds all three with one mistake: 6/7, more than 4/5 of calling two.
    assert best_threshold(probabilities, values) == pytest.approx(0.25)
    assert best_threshold(probabilities, np.array([True, True, False, False, False])) == pytest.approx(0.75)
    assert best_threshold(probabilities, np.zeros(5, bool)) == 0.5
    assert best_threshold(np.full(4, 0.6), np.array([True, False, False, False])) == pytest.approx(0.3)
