"""The shape of the tiny Whisper: openai-whisper's own classes, with all or with few of the tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor, nn
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import Tokenizer, get_tokenizer

from training.tiny.vocabulary import Vocabulary

# English only: 51,864 tokens are the sign of it. The model needs not be told the language.
TOKENS = 51_864
MOST_SECONDS = 10.0
_FRAMES = 1500
_EVERY = 5
_ROWS = "decoder.token_embedding.weight"


def dimensions(tokens: int = TOKENS, state: int = 128, layers: int = 2) -> ModelDimensions:
    """Return the shape of the model, as whisper reads it."""
    return ModelDimensions(
        n_mels=80, n_audio_ctx=_FRAMES, n_audio_state=state, n_audio_head=4, n_audio_layer=layers,
        n_vocab=tokens, n_text_ctx=96, n_text_state=state, n_text_head=4, n_text_layer=layers,
    )  # fmt: skip


def make(shape: ModelDimensions) -> Whisper:
    """Build the model with random weights."""
    model = Whisper(shape)
    # Whisper leaves these to its checkpoints: one is as found in memory, the other far too large to begin with.
    nn.init.normal_(model.decoder.positional_embedding, std=0.02)
    nn.init.normal_(model.decoder.token_embedding.weight, std=0.05)
    return model


class Codes:
    """The tokens that occur: words, marks, and times in tenths of a second."""

    def __init__(self, words: Iterable[str]) -> None:
        self.tokenizer: Tokenizer = get_tokenizer(multilingual=False)
        known = self.tokenizer
        self._begin = known.timestamp_begin
        marks = [known.eot, known.sot, known.no_speech, known.no_timestamps]
        times = [self._begin + _EVERY * tenth for tenth in range(int(10 * MOST_SECONDS) + 1)]
        told = {token for word in words for token in known.encode(f" {word}")}
        self.vocabulary = Vocabulary((*marks, *times, *sorted(told)), TOKENS)
        self.end, self.start, self.silent, self.timeless = range(4)

    def rows(self, sentence: str) -> list[int]:
        """Encode a sentence in rows of the small model."""
        return self.vocabulary.rows(self.tokenizer.encode(f" {sentence}"))

    def time(self, seconds: float) -> int:
        """Return the row of a time."""
        return self.vocabulary.rows([self._begin + _EVERY * round(10 * min(seconds, MOST_SECONDS))])[0]


def save(weights: dict[str, Tensor], shape: ModelDimensions, vocabulary: Vocabulary, place: Path) -> None:
    """Write the full model, in half precision: `dims.json` and `model.safetensors`."""
    place.mkdir(parents=True, exist_ok=True)
    full = {
        name: (vocabulary.spread(weight) if name == _ROWS else weight).half().contiguous()
        for name, weight in weights.items()
    }
    save_file(full, place / "model.safetensors")
    told = {**asdict(shape), "n_vocab": TOKENS}
    (place / "dims.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
