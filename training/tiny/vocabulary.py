"""Training with the few tokens that occur, exactly as if all tokens of the vocabulary were there.

A token that never occurs has a row of zeros in the finished model, hence the logit 0 everywhere. All such tokens
together add their number to the sum of the softmax: nothing else needs to be known of them while training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that occur, in the order of their rows in the small model."""

    tokens: tuple[int, ...]
    size: int

    def rows(self, tokens: Sequence[int]) -> list[int]:
        """Say which rows of the small model stand for these tokens of the full vocabulary."""
        at = {token: row for row, token in enumerate(self.tokens)}
        return [at[token] for token in tokens]

    def spread(self, rows: Tensor, dimension: int = 0) -> Tensor:
        """Put the rows of the small model where the full one has them, with zeros for all other tokens."""
        shape = list(rows.shape)
        shape[dimension] = self.size
        return torch.zeros(shape, dtype=rows.dtype).index_copy(dimension, torch.tensor(self.tokens), rows)

    def gather(self, rows: Tensor, dimension: int = 0) -> Tensor:
        """Take the rows of the small model out of the full one."""
        return rows.index_select(dimension, torch.tensor(self.tokens))

    def cross_entropy(self, logits: Tensor, targets: Tensor, told: Tensor) -> Tensor:
        """Return the mean loss over the positions `told`, of the full softmax with logit 0 for absent tokens.

        `logits` ends in the rows of the small model, `targets` holds rows.
        """
        absent = self.size - len(self.tokens)
        kept, right = logits[told], targets[told]
        rest = kept.new_full((len(kept), 1), math.log(absent) if absent else -math.inf)
        total = torch.logsumexp(torch.cat([kept, rest], dim=1), dim=1)
        return (total - kept.gather(1, right[:, None])[:, 0]).mean()
