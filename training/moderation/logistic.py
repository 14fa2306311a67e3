"""Fitting: ridge-penalised logistic regression by L-BFGS, its strength and its threshold by what is held out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

_PASSES = 200


class Told(NamedTuple):
    """Items to learn one label from: centred features (n, f), and whether they have the label (n,), 0 or 1."""

    features: Tensor
    values: Tensor


class Line(NamedTuple):
    """A linear function of features: weights (f,) and what is added."""

    weights: Tensor
    bias: float

    def __call__(self, features: Tensor) -> Tensor:
        """Return the logits (n,) of `features`."""
        return features @ self.weights + self.bias


def positive_weight(values: Tensor, most: float) -> float:
    """Return by how much positives are rarer than negatives, but no more than `most`, and no less than 1."""
    positives = float(values.sum())
    return float(min(max((len(values) - positives) / max(positives, 1.0), 1.0), most))


def loss_of(logits: Tensor, values: Tensor, weight: float) -> Tensor:
    """Return the mean cross-entropy, in which a positive counts `weight` times."""
    return binary_cross_entropy_with_logits(logits, values, pos_weight=torch.tensor(weight))


def fit(told: Told, strength: float, weight: float, start: Line | None = None) -> Line:
    """Return the line that minimises `strength` · Σ loss + ½‖w‖²; the larger `strength`, the weaker the ridge.

    The bias is free. The problem is convex: the result does not depend on `start`, which only saves time.
    """
    width, n = told.features.shape[1], max(len(told.features), 1)
    begin = torch.zeros(width + 1) if start is None else torch.cat([start.weights, torch.tensor([start.bias])])
    both = begin.clone().requires_grad_()
    solver = torch.optim.LBFGS(
        [both], max_iter=_PASSES, history_size=20, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        solver.zero_grad()
        loss = loss_of(told.features @ both[:-1] + both[-1], told.values, weight)
        loss = loss + both[:-1].square().sum() / (2.0 * strength * n)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(closure)  # type: ignore[no-untyped-call]
    found = both.detach()
    return Line(found[:-1], float(found[-1]))


class Tuned(NamedTuple):
    """The best strength of the ridge, its line, and the held-out loss of every strength tried."""

    strength: float
    line: Line
    losses: dict[float, float]


def tune(train: Told, held_out: Told, strengths: Sequence[float], weight: float) -> Tuned:
    """Fit with every strength and keep the one with the least loss on `held_out`, the stronger ridge if equal."""
    line: Line | None = None
    lines: dict[float, Line] = {}
    losses: dict[float, float] = {}
    for strength in sorted(strengths):
        line = lines[strength] = fit(train, strength, weight, line)
        losses[strength] = float(loss_of(line(held_out.features), held_out.values, weight))
    best = min(losses, key=lambda strength: (losses[strength], strength))
    return Tuned(best, lines[best], losses)


def best_threshold(probabilities: NDArray[np.float64], values: NDArray[np.bool_]) -> float:
    """Return the threshold with the highest F1: what is as probable as that, or more, is called positive.

    It lies halfway between two probabilities that occur; of equal F1 the highest threshold is taken. Without a
    positive it is one half.
    """
    if not values.any():
        return 0.5
    order = np.argsort(-probabilities, kind="stable")
    ranked, hits = probabilities[order], np.cumsum(values[order])
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    # F1 = 2tp / (called + positives)
    scores = 2.0 * hits[last] / (last + 1 + hits[-1])
    at = int(np.argmax(scores))
    below = ranked[last[at] + 1] if last[at] + 1 < len(ranked) else 0.0
    return float((ranked[last[at]] + below) / 2.0)
