"""Transcription by openai-whisper: sounds in memory in, text out; no file is opened and no program is started."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Terminal
from tasks.models.batches import TURN, spread
from tasks.transcribe.checkpoint import load_whisper
from tasks.transcribe.listening import WINDOW, Listening, Segment

if TYPE_CHECKING:
    from torch import Tensor

Sound = NDArray[np.float32]
RATE: Final = 16_000
# Shorter than a tenth of a second or nowhere louder than -60 dBFS: models would make something up.
_SHORTEST: Final = RATE // 10
_FAINTEST: Final = 1e-3


class Transcript(NamedTuple):
    """What is said in a sound, and how sure the model is of it; both measures are means over its half minutes."""

    text: str
    language: str | None
    segments: list[Segment]
    avg_logprob: float | None
    no_speech_prob: float | None


SILENT: Final = Transcript("", None, [], None, 1.0)


class Transcriber(Protocol):
    """What stages need of a model that writes down what is said."""

    def transcribe(self, sounds: Sequence[Sound], batch: int, tokens: int) -> list[Transcript]:
        """Write down what is said in each of `sounds`: mono, 16,000 samples a second, in [-1, 1]."""


class WhisperTranscriber:
    """A whisper model, decoded greedily (temperature 0, no fallback), so that equal sounds have equal transcripts.

    Half minutes of different sounds go through the model together, and none is told what was said before it. It
    computes in half precision on a GPU: its decoder knows no bfloat16.
    """

    def __init__(self, weights: Path, language: str | None) -> None:
        self._models = load_whisper(weights)
        from whisper.tokenizer import LANGUAGES

        if language is not None and language not in LANGUAGES:
            raise Terminal(f"whisper knows no language {language}: say one of {', '.join(sorted(LANGUAGES))}")
        if language not in (None, "en") and not self._models[0].is_multilingual:
            raise Terminal(f"{weights} knows English only: take a model whose name does not end in .en")
        self._language = language if self._models[0].is_multilingual else "en"

    def transcribe(self, sounds: Sequence[Sound], batch: int, tokens: int) -> list[Transcript]:
        """Write down what is said in each of `sounds`, in at most `tokens` tokens for each half minute."""
        found = [SILENT] * len(sounds)
        waiting = [at for at, sound in enumerate(sounds) if _says_something(sound)]
        # The longest first, so that what is left at the end is short.
        waiting.sort(key=lambda at: len(sounds[at]))
        active: dict[int, Listening] = {}
        with TURN:
            while waiting or active:
                while waiting and len(active) < batch * len(self._models):
                    at = waiting.pop()
                    active[at] = self._listening(sounds[at])
                self._hear(list(active.values()), batch, tokens)
                for at in [at for at, each in active.items() if each.has_ended]:
                    found[at] = _told(active.pop(at))
        return found

    def _listening(self, sound: Sound) -> Listening:
        from whisper.audio import N_SAMPLES, log_mel_spectrogram

        mel = log_mel_spectrogram(sound, self._models[0].dims.n_mels, padding=N_SAMPLES)
        return Listening(mel, mel.shape[-1] - WINDOW, self._language)

    def _hear(self, active: Sequence[Listening], batch: int, tokens: int) -> None:
        """Decode the next window of each, those of one language together."""
        from whisper.decoding import DecodingOptions
        from whisper.tokenizer import get_tokenizer

        groups: dict[str | None, list[Listening]] = {}
        for each in active:
            groups.setdefault(each.language, []).append(each)
        for language, group in groups.items():
            is_half = self._models[0].device.type == "cuda"
            options = DecodingOptions(language=language, temperature=0.0, sample_len=tokens, fp16=is_half)
            workers = [partial(_decode, model, options) for model in self._models]
            model = self._models[0]
            for each, result in zip(group, spread([each.window() for each in group], batch, workers), strict=True):
                tokenizer = get_tokenizer(
                    model.is_multilingual,
                    num_languages=model.num_languages,
                    language=result.language,
                    task="transcribe",
                )
                each.hear(result, tokenizer)


@cache
def load_transcriber(weights: Path, language: str | None) -> Transcriber:
    """Load a model once a process. Raises Terminal if it is not there or does not know the language."""
    return WhisperTranscriber(weights, language)


def _decode(model: Any, options: Any, windows: Sequence[Tensor]) -> Sequence[Any]:
    import torch

    results: Sequence[Any] = model.decode(torch.stack(list(windows)).to(model.device), options)
    return results


def _says_something(sound: Sound) -> bool:
    return len(sound) >= _SHORTEST and float(np.abs(sound).max()) >= _FAINTEST


def _told(heard: Listening) -> Transcript:
    text = "".join(segment.text for segment in heard.segments).strip()
    return Transcript(text, heard.language, heard.segments, _mean(heard.logprobs), _mean(heard.no_speech))


def _mean(numbers: Sequence[float]) -> float | None:
    """Average numbers; English models before whisper's second version have no probability of silence."""
    known = [number for number in numbers if number == number]  # noqa: PLR0124 - NaN alone is not itself
    return float(np.mean(known)) if known else None
