"""From contents to the features of a response to a prompt, and of the gap between two responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

Block = Literal["prompt", "response", "product", "cosine", "hand"]
Floats = NDArray[np.float32]
# Embeddings have length 1, so an entry is about d^-½ and a product about 1/d; the weights bring the blocks to the
# size of the counted features, which have unit variance. Then one ridge strength suits all.
_WEIGHT: dict[Block, float] = {"prompt": 6.0, "response": 6.0, "product": 60.0, "cosine": 4.0, "hand": 1.0}
_BATCH = 8_192


class Contents(NamedTuple):
    """What prompts and responses are, row by row: `vectors` (n, d) of length 1, `hand` (n, h) counted features."""

    vectors: Floats
    hand: Floats


class Asked(NamedTuple):
    """Pairs as rows of `Contents`: the prompt, the chosen and the rejected response; each of shape (n,)."""

    prompt: NDArray[np.int64]
    chosen: NDArray[np.int64]
    rejected: NDArray[np.int64]


class Design(NamedTuple):
    """Which blocks of features are used, and by what the counted ones are divided."""

    blocks: tuple[Block, ...]
    scale: Floats

    def width(self, contents: Contents) -> int:
        """Count the features."""
        sizes = {"response": contents.vectors.shape[1], "cosine": 1, "hand": contents.hand.shape[1]}
        sizes["product"] = sizes["prompt"] = sizes["response"]
        return sum(sizes[block] for block in self.blocks)

    def features(self, contents: Contents, prompt: NDArray[np.int64], response: NDArray[np.int64]) -> Floats:
        """Return the features (n, width) of each `response` as an answer to its `prompt`."""
        parts: list[Floats] = []
        answers, questions = contents.vectors[response], contents.vectors[prompt]
        product = questions * answers
        for block in self.blocks:
            if block == "prompt":
                part = questions
            elif block == "response":
                part = answers
            elif block == "product":
                part = product
            elif block == "cosine":
                part = product.sum(axis=1, keepdims=True)
            else:
                part = contents.hand[response] / self.scale
            parts.append(part * np.float32(_WEIGHT[block]))
        return np.concatenate(parts, axis=1)

    def gaps(self, contents: Contents, asked: Asked) -> Tensor:
        """Return the features of the chosen less those of the rejected responses, of shape (n, width)."""
        found = torch.empty(len(asked.prompt), self.width(contents))
        for start in range(0, len(asked.prompt), _BATCH):
            part = slice(start, start + _BATCH)
            prompt = asked.prompt[part]
            chosen = self.features(contents, prompt, asked.chosen[part])
            found[part] = torch.from_numpy(chosen - self.features(contents, prompt, asked.rejected[part]))
        return found


def fit_design(blocks: Sequence[Block], contents: Contents, asked: Asked) -> Design:
    """Settle the scale of the counted features on the responses of the pairs `asked`: those of training only."""
    seen = contents.hand[np.concatenate([asked.chosen, asked.rejected])]
    spread = seen.std(axis=0) if len(seen) else np.ones(contents.hand.shape[1], dtype=np.float32)
    return Design(tuple(blocks), np.where(spread > 1e-6, spread, 1.0).astype(np.float32))


def rows_of(pairs: pl.DataFrame, content_ids: pl.Series) -> Asked:
    """Look the contents of `pairs` (prompt_id, chosen_id, rejected_id) up in `content_ids`.

    Raises KeyError that names a content that is missing there.
    """
    known = pl.DataFrame({"content_id": content_ids}).with_row_index("row")
    found = []
    for column in ("prompt_id", "chosen_id", "rejected_id"):
        rows = pairs.select(content_id=column).join(known, on="content_id", how="left", maintain_order="left")["row"]
        if rows.null_count():
            raise KeyError(pairs[column].filter(rows.is_null())[0])
        found.append(rows.to_numpy().astype(np.int64))
    return Asked(*found)
