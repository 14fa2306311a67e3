"""The losses of policies as their papers write them, to hold TRL's trainers against.

A `gap` is log π(chosen)/π_ref(chosen) - log π(rejected)/π_ref(rejected), summed over the tokens of the responses.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import logsigmoid


def dpo(gap: Tensor, beta: Tensor | float) -> Tensor:
    """Return the mean of -log σ(β·gap) (Rafailov et al. 2023, equation 7); `beta` is one number or one per pair.

    With the gap of log-probabilities per token this is length-normalised DPO (Meng et al. 2024; TRL's `sigmoid_norm`).
    """
    return -logsigmoid(beta * gap).mean()


def ipo(gap: Tensor, tau: float) -> Tensor:
    """Return the mean of (gap - 1/(2τ))² (Azar et al. 2023, equation 17).

    TRL takes the gap per token, as the authors confirmed to it.
    """
    return (gap - 1.0 / (2.0 * tau)).square().mean()


def bco(chosen: Tensor, rejected: Tensor, shift: Tensor | float) -> Tensor:
    """Return the mean of -log σ(chosen - δ) - log σ(-(rejected - δ)) (Jung et al. 2024, equation 10).

    `chosen` and `rejected` are the rewards β·log π/π_ref of responses, `shift` is δ, the running mean of all rewards.
    Both responses of a pair have the same prompt, so the paper's correction for different prompts is one.
    """
    return -(logsigmoid(chosen - shift) + logsigmoid(-(rejected - shift))).mean()
