"""Losses of reward models: what a pair's two rewards cost."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, mse_loss, softplus


def bradley_terry(
    chosen: Tensor, rejected: Tensor, margin: Tensor | float = 0.0, *, regularisation: float = 0.0
) -> Tensor:
    """Return the mean of -log σ(chosen - rejected - margin), the negative log-likelihood of Bradley and Terry (1952).

    `chosen` and `rejected` are rewards of the same shape; `margin` is what the chosen one must be ahead by.
    `regularisation` times the mean of all squared rewards is added, as align-anything and SafeSora do.
    """
    loss = -logsigmoid(chosen - rejected - margin).mean()
    if regularisation:
        loss = loss + regularisation * torch.cat([chosen, rejected]).square().mean()
    return loss


def soft_bradley_terry(left: Tensor, right: Tensor, share: Tensor) -> Tensor:
    """Return the mean cross-entropy of σ(left - right) with `share`, the share of votes for the left, less its entropy.

    A tie is a share of one half: equal rewards then cost nothing, as in Pick-a-Pic (Kirstain et al. 2023).
    """
    gap = left - right
    cross: Tensor = softplus(gap) - share * gap
    entropy = torch.special.entr(share) + torch.special.entr(1.0 - share)
    return torch.mean(cross - entropy)


def tie_penalty(left: Tensor, right: Tensor) -> Tensor:
    """Return the mean squared gap of the rewards of tied responses (MM-RLHF, Zhang et al. 2025)."""
    return mse_loss(left, right)


def bradley_terry_with_ties(
    chosen: Tensor,
    rejected: Tensor,
    tied: Tensor,
    margin: Tensor | float = 0.0,
    *,
    tie_weight: float = 1.0,
    regularisation: float = 0.0,
) -> Tensor:
    """Return the mean cost over all pairs: -log σ(gap - margin) of decided ones, `tie_weight`·gap² of `tied` ones.

    That is MM-RLHF's loss (Zhang et al. 2025); `regularisation` is that of `bradley_terry`.
    """
    gap = chosen - rejected
    loss = torch.where(tied, tie_weight * gap.square(), -logsigmoid(gap - margin)).mean()
    if regularisation:
        loss = loss + regularisation * torch.cat([chosen, rejected]).square().mean()
    return loss
