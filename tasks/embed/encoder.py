"""Text encoders behind one small protocol: whatever turns texts into vectors can fill `embeddings`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Terminal

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# One model computes on all cores; a second caller would only slow it down.
_TURN = Lock()


class Encoder(Protocol):
    """What an embedding stage needs of a model."""

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""

    def encode(self, texts: Sequence[str], batch: int) -> NDArray[np.float32]:
        """Return the vectors of `texts`, of shape (n, dim) and length 1, in their order."""

    def reads_whole(self, texts: Sequence[str]) -> list[bool]:
        """Tell of each text whether the model reads it to its end."""


class SentenceEncoder:
    """A model in the form of sentence-transformers, or any transformer, whose token vectors are then averaged."""

    def __init__(self, place: Path) -> None:
        self._model = _load(place)

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], batch: int) -> NDArray[np.float32]:
        """Return the vectors of `texts`, of shape (n, dim) and length 1, in their order."""
        with _TURN:
            found = self._model.encode(
                list(texts), batch_size=batch, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(found, dtype=np.float32)

    def reads_whole(self, texts: Sequence[str]) -> list[bool]:
        """Tell of each text whether the model reads it to its end."""
        most = self._model.max_seq_length
        if most is None or not texts:
            return [True] * len(texts)
        with _TURN:
            read = self._model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)["input_ids"]
        return [len(tokens) <= most for tokens in read]


@cache
def load_encoder(place: Path) -> Encoder:
    """Load the model in the folder `place` once a process, on the GPU in bfloat16 if there is one.

    Raises Terminal if it is not a model of texts, or if its weights are not safetensors.
    """
    return SentenceEncoder(place)


def _load(place: Path) -> SentenceTransformer:
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    if not list(place.glob("**/*.safetensors")):
        raise Terminal(f"{place} holds no safetensors: other weights can run code when they are loaded; convert them")
    has_gpu = torch.cuda.is_available()
    kinds = {"use_safetensors": True} | ({"torch_dtype": torch.bfloat16} if has_gpu else {})
    try:
        return SentenceTransformer(
            str(place), device="cuda" if has_gpu else "cpu", local_files_only=True, trust_remote_code=False,
            model_kwargs=kinds,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise Terminal(f"{place} is not a model that texts can be embedded with: {error}") from error
