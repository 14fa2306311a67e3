"""Image-text models behind one small protocol: whatever puts pictures and texts into one space."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Terminal
from tasks.models.batches import TURN, spread
from tasks.models.open_clip import load_open_clip, to_pixels
from tasks.models.preparation import Picture, Preparation

if TYPE_CHECKING:
    from torch import Tensor

Vectors = NDArray[np.float32]


class ImageTextEncoder(Protocol):
    """What stages need of a model that knows pictures and texts."""

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""

    @property
    def logit_scale(self) -> float:
        """By what the model multiplies cosines before a softmax."""

    def encode_pictures(self, pictures: Sequence[Picture], batch: int) -> Vectors:
        """Return the vectors of `pictures`, of shape (n, dim) and length 1, in their order."""

    def encode_texts(self, texts: Sequence[str], batch: int) -> Vectors:
        """Return the vectors of `texts`, of shape (n, dim) and length 1, in their order."""

    def reads_whole(self, texts: Sequence[str]) -> list[bool]:
        """Tell of each text whether the model reads it to its end."""


class ImageText:
    """A model of open_clip. Pictures of its own size are taken as prepared; others it prepares itself."""

    def __init__(self, weights: Path, architecture: str | None, preparation: Preparation) -> None:
        self.preparation = preparation
        self.weights = weights
        self._model = load_open_clip(weights, architecture)

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self._model.dim

    @property
    def logit_scale(self) -> float:
        """By what the model multiplies cosines before a softmax."""
        return float(self._model.modules[0].logit_scale.exp())

    @property
    def module(self) -> Any:
        """The model of open_clip itself, on the first device."""
        return self._model.modules[0]

    @property
    def tokenizer(self) -> Any:
        """What turns texts into tokens."""
        return self._model.tokenizer

    def tokens(self, texts: Sequence[str]) -> Tensor:
        """Return the tokens of `texts`, (n, context), as the model reads them."""
        found: Tensor = self._model.tokenizer(list(texts))
        return found

    def encode_pictures(self, pictures: Sequence[Picture], batch: int) -> Vectors:
        """Return the vectors of `pictures` (h, w, 3), of shape (n, dim) and length 1, in their order."""
        with TURN:
            rows = spread(pictures, batch, [partial(self._see, module) for module in self._model.modules])
        return self._stacked(rows)

    def encode_texts(self, texts: Sequence[str], batch: int) -> Vectors:
        """Return the vectors of `texts`, of shape (n, dim) and length 1, in their order."""
        with TURN:
            rows = spread(texts, batch, [partial(self._read, module) for module in self._model.modules])
        return self._stacked(rows)

    def reads_whole(self, texts: Sequence[str]) -> list[bool]:
        """Tell of each text whether the model reads it to its end."""
        tokenizer = self._model.tokenizer
        if hasattr(tokenizer, "encode"):  # open_clip's own, which puts a token before and one behind
            return [len(tokenizer.encode(text)) + 2 <= self._model.context for text in texts]
        read = tokenizer.tokenizer([tokenizer.clean_fn(text) for text in texts], truncation=False)["input_ids"]
        return [len(tokens) <= self._model.context for tokens in read]

    def _see(self, module: Any, pictures: Sequence[Picture]) -> Sequence[Vectors]:
        import torch

        with torch.inference_mode():
            return _unit(module.encode_image(to_pixels(module, pictures, self.preparation)))

    def _read(self, module: Any, texts: Sequence[str]) -> Sequence[Vectors]:
        import torch

        with torch.inference_mode():
            return _unit(module.encode_text(self.tokens(texts).to(next(module.parameters()).device)))

    def _stacked(self, rows: list[Vectors]) -> Vectors:
        vectors = np.stack(rows) if rows else np.zeros((0, self.dim), np.float32)
        if not np.isfinite(vectors).all():
            raise Terminal(f"{self.weights} gives vectors that are no numbers: its weights are damaged")
        return vectors


@cache
def load_image_text(weights: Path, architecture: str | None, preparation: Preparation) -> ImageText:
    """Load a model once a process. Raises Terminal if it is not there or does not fit what is said of it."""
    return ImageText(weights, architecture, preparation)


def _unit(vectors: Tensor) -> Sequence[Vectors]:
    """Take vectors off their device, in single precision and with length 1."""
    from torch.nn.functional import normalize

    return list(normalize(vectors.float(), dim=-1).cpu().numpy())
