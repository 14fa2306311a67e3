"""Fitting: ridge-penalised Bradley-Terry by L-BFGS, and the strength of the ridge by held-out likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from training.losses.reward import bradley_terry, soft_bradley_terry, tie_penalty

Ties = Literal["soft", "squared", "leave_out"]
_PASSES = 200


class Judged(NamedTuple):
    """Pairs to learn from: gaps of features (n, f), which are tied (n,), and by what the chosen must be ahead (n,)."""

    gaps: Tensor
    tied: Tensor
    margin: Tensor


class Tuned(NamedTuple):
    """The best strength of the ridge, its weights (f,), and the held-out loss of every strength tried."""

    strength: float
    weights: Tensor
    losses: dict[float, float]


def loss_of(weights: Tensor, judged: Judged, ties: Ties) -> Tensor:
    """Return the loss of the rewards' gaps, a pair; ties cost what `ties` says, or nothing."""
    gaps = judged.gaps @ weights
    zero = torch.zeros_like(gaps)
    won, tied = ~judged.tied, judged.tied
    total = gaps.sum() * 0.0
    if won.any():
        total = total + bradley_terry(gaps[won], zero[won], judged.margin[won]) * won.sum()
    if tied.any() and ties == "soft":
        half = torch.full_like(gaps[tied], 0.5)
        total = total + soft_bradley_terry(gaps[tied], zero[tied], half) * tied.sum()
    if tied.any() and ties == "squared":
        total = total + tie_penalty(gaps[tied], zero[tied]) * tied.sum()
    return total / max(len(gaps), 1)


def fit(judged: Judged, strength: float, ties: Ties, start: Tensor | None = None) -> Tensor:
    """Return the weights (f,) that minimise `strength` · Σ loss + ½‖w‖²; the larger `strength`, the weaker the ridge.

    The problem is convex: the result does not depend on `start`, which only saves time.
    """
    width, n = judged.gaps.shape[1], max(len(judged.gaps), 1)
    weights = (torch.zeros(width) if start is None else start.clone()).requires_grad_()
    solver = torch.optim.LBFGS(
        [weights], max_iter=_PASSES, history_size=20, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        solver.zero_grad()
        loss = loss_of(weights, judged, ties) + weights.square().sum() / (2.0 * strength * n)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach()


def tune(train: Judged, held_out: Judged, strengths: Sequence[float], ties: Ties) -> Tuned:
    """Fit with every strength and keep the one with the least loss on `held_out`, the stronger ridge if they are equal.

    Raises ValueError if there is nothing to learn from or nothing held out.
    """
    if not len(train.gaps) or not len(held_out.gaps):
        raise ValueError("tuning needs pairs to learn from and pairs that are held out")
    weights: Tensor | None = None
    found: dict[float, Tensor] = {}
    losses: dict[float, float] = {}
    for strength in sorted(strengths):
        weights = fit(train, strength, ties, weights)
        found[strength] = weights
        with torch.no_grad():
            losses[strength] = float(loss_of(weights, held_out, ties))
    best = min(losses, key=lambda strength: (losses[strength], strength))
    return Tuned(best, found[best], losses)
