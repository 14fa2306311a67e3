"""How far a policy went from its reference, on answers of its own, and how long its answers became."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

import torch
from torch import Tensor
from transformers import PreTrainedModel, set_seed

Reference = Callable[[], AbstractContextManager[PreTrainedModel]]


class Answers(NamedTuple):
    """Tokens of answers, right of the prompts: `ids` has the prompts too, `is_answer` marks what was answered."""

    ids: Tensor
    attention: Tensor
    is_answer: Tensor


class Drift(NamedTuple):
    """KL(π‖π_ref) in nats, of an answer and of a token, and the mean tokens of the answers of both."""

    kl: float
    kl_per_token: float
    tokens: float
    reference_tokens: float
    n: int


def drift(
    policy: PreTrainedModel,
    reference: Reference,
    prompts: Sequence[list[int]],
    *,
    pad: int,
    new_tokens: int,
    batch: int,
    seed: int,
) -> Drift:
    """Let the policy and its reference answer `prompts` at temperature 1 and compare them.

    The divergence is summed exactly over the vocabulary at every token of the policy's answers, which varies less than
    the log-ratio of the tokens that were drawn. The same seed gives the same answers on a CPU.
    """
    divergence = tokens = reference_tokens = 0.0
    set_seed(seed)
    for at in range(0, len(prompts), batch):
        asked = prompts[at : at + batch]
        given = _answer(policy, asked, pad, new_tokens)
        divergence += _divergence(policy, reference, given)
        tokens += float(given.is_answer.sum())
        with reference() as model:
            reference_tokens += float(_answer(model, asked, pad, new_tokens).is_answer.sum())
    n = len(prompts)
    return Drift(divergence / n, divergence / max(tokens, 1.0), tokens / n, reference_tokens / n, n)


@torch.no_grad()
def _answer(model: PreTrainedModel, prompts: Sequence[list[int]], pad: int, new_tokens: int) -> Answers:
    model.eval()
    longest = max(len(prompt) for prompt in prompts)
    ids = torch.full((len(prompts), longest), pad)
    attention = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = torch.tensor(prompt)
        attention[row, longest - len(prompt) :] = 1
    ids, attention = ids.to(model.device), attention.to(model.device)
    whole = model.generate(
        input_ids=ids, attention_mask=attention, do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
        max_new_tokens=new_tokens, pad_token_id=pad,
    )  # fmt: skip
    said = whole[:, longest:]
    is_answer = _until_end(said, model.generation_config.eos_token_id)
    return Answers(whole, torch.cat([attention, is_answer.long()], dim=1), is_answer)


def _until_end(said: Tensor, ends: int | list[int] | None) -> Tensor:
    """Mark the tokens up to the first end, which counts as said."""
    if ends is None:
        return torch.ones_like(said, dtype=torch.bool)
    is_end = torch.isin(said, torch.tensor(ends, device=said.device))
    return is_end.cumsum(dim=1) - is_end.long() == 0


@torch.no_grad()
def _divergence(policy: PreTrainedModel, reference: Reference, given: Answers) -> float:
    ours = _predictions(policy, given)
    with reference() as model:
        theirs = _predictions(model, given)
    at_token = (ours.exp() * (ours - theirs)).sum(dim=-1)
    return float((at_token * given.is_answer).sum())


def _predictions(model: PreTrainedModel, given: Answers) -> Tensor:
    """Return log-probabilities of shape (answers, tokens, vocabulary) at the tokens of the answers."""
    length = given.is_answer.shape[1]
    positions = (given.attention.cumsum(dim=1) - 1).clamp(min=0)
    logits = model(input_ids=given.ids, attention_mask=given.attention, position_ids=positions, use_cache=False).logits[
        :, -length - 1 : -1
    ]
    return torch.log_softmax(logits.float(), dim=-1)
