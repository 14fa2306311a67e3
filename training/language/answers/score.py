"""What a language model thinks of responses: a reward model's scores, a policy's log-probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel, PreTrainedTokenizerBase

Messages = list[dict[str, str]]


class Talk(NamedTuple):
    """The tokens of a prompt with its response, and where the response begins."""

    ids: list[int]
    start: int


def as_tokens(tokenizer: PreTrainedTokenizerBase, prompt: Messages, response: Messages, max_length: int) -> Talk:
    """Turn a prompt and its response into at most `max_length` tokens, as TRL's trainers do.

    Where the prompt alone is not what the whole begins with, the response begins where the two part.
    """
    asked = prompt_tokens(tokenizer, prompt)
    whole = tokenizer.apply_chat_template([*prompt, *response], tokenize=True, return_dict=True)["input_ids"]
    together = zip(asked, whole, strict=False)
    start = next((at for at, (one, other) in enumerate(together) if one != other), min(len(asked), len(whole)))
    return Talk(whole[:max_length], start)


def prompt_tokens(tokenizer: PreTrainedTokenizerBase, prompt: Messages) -> list[int]:
    """Turn a prompt into tokens after which the assistant answers."""
    asked = tokenizer.apply_chat_template(prompt, tokenize=True, return_dict=True, add_generation_prompt=True)
    found: list[int] = asked["input_ids"]
    return found


@torch.no_grad()
def scores(model: PreTrainedModel, talks: Sequence[Talk], pad: int, batch: int) -> Tensor:
    """Return the score that a reward model gives each talk, as float32 of shape (len(talks),)."""
    model.eval()
    found = torch.zeros(len(talks))
    for rows, inputs in _batches(talks, pad, batch, model.device):
        found[rows] = model(**inputs).logits.squeeze(-1).float().cpu()
    return found


@torch.no_grad()
def log_probabilities(model: PreTrainedModel, talks: Sequence[Talk], pad: int, batch: int) -> Tensor:
    """Return log π(response | prompt) of each talk, summed over its tokens, as float32 of shape (len(talks),)."""
    model.eval()
    found = torch.zeros(len(talks))
    for rows, inputs in _batches(talks, pad, batch, model.device):
        logits = model(**inputs, use_cache=False).logits[:, :-1].float()
        after = inputs["input_ids"][:, 1:]
        each = torch.log_softmax(logits, dim=-1).gather(-1, after.unsqueeze(-1)).squeeze(-1)
        starts = torch.tensor([talks[row].start for row in rows], device=model.device)
        # A token at position p is predicted at p - 1.
        is_response = torch.arange(1, after.shape[1] + 1, device=model.device) >= starts.unsqueeze(1)
        found[rows] = (each * (is_response & inputs["attention_mask"][:, 1:].bool())).sum(dim=1).cpu()
    return found


def _batches(
    talks: Sequence[Talk], pad: int, batch: int, device: torch.device
) -> Iterator[tuple[list[int], dict[str, Any]]]:
    """Give talks of like length together, padded on the right."""
    by_length = sorted(range(len(talks)), key=lambda row: len(talks[row].ids))
    for at in range(0, len(by_length), batch):
        rows = by_length[at : at + batch]
        ids = [torch.tensor(talks[row].ids, device=device) for row in rows]
        yield (
            rows,
            {
                "input_ids": pad_sequence(ids, batch_first=True, padding_value=pad),
                "attention_mask": pad_sequence([torch.ones_like(each) for each in ids], batch_first=True),
            },
        )
