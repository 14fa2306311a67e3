"""What a policy's loss takes besides TRL's: a β of its own for every pair."""

from __future__ import annotations

import torch
from torch import Tensor


def scaled_beta(beta: float, gap: Tensor, weight: float, rate: float) -> Tensor:
    """Return β(δ) = β·(1 + w·(1 - exp(-k·δ))) of each reward gap δ, within β and (1 + w)·β.

    Dynamic reward scaling of MM-DPO (Zhang et al. 2025, MM-RLHF, section 4.3): the surer a pair is, the more it counts.
    """
    grown = beta * (1.0 + weight * (1.0 - torch.exp(-rate * gap)))
    return grown.clamp(beta, (1.0 + weight) * beta)
