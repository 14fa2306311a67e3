"""How a tiny model learns: by which rules, and how fast at which step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

_DECAYED = 0.05
_BETAS = (0.9, 0.98)


def speed(step: int, steps: int, *, warmup: int, decay: int) -> float:
    """Return the share of the full learning rate at a step, counted from 0.

    The plain does not depend on `steps`, so that a training may be continued for longer than first meant.
    """
    return min((step + 1) / warmup, 1.0, (steps - step) / decay)


def optimisers(modules: Sequence[nn.Module], rate: float) -> list[torch.optim.Optimizer]:
    """Learn the matrices inside the layers by Muon, which needs fewer steps, and all else by AdamW."""
    named = [(name, weight) for module in modules for name, weight in module.named_parameters()]
    inside = [weight for name, weight in named if weight.ndim == 2 and "blocks" in name]
    chosen = {id(weight) for weight in inside}
    outside = [weight for _, weight in named if id(weight) not in chosen]
    groups = [
        {"params": [weight for weight in outside if weight.ndim > 1], "weight_decay": _DECAYED},
        {"params": [weight for weight in outside if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    return [
        torch.optim.Muon(inside, lr=rate, weight_decay=_DECAYED, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(groups, lr=rate, betas=_BETAS, fused=True),
    ]
