"""How good a tiny Whisper is on sentences no training used, transcribed by whisper itself with its own defaults."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file
from whisper.model import ModelDimensions, Whisper

from training.tiny.speech.batches import no_speech
from training.tiny.speech.score import word_errors
from training.tiny.speech.voices import Utterance, make_utterances

Numbers = dict[str, float]


def open_whisper(folder: Path) -> Whisper:
    """Load `dims.json` and `model.safetensors`."""
    model = Whisper(ModelDimensions(**json.loads((folder / "dims.json").read_text(encoding="utf-8"))))
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval()


def measure_whisper(folder: Path, count: int = 100) -> Numbers:
    """Measure word error rates in voices of the training and in others, and whether it notices that nobody speaks."""
    model = open_whisper(folder)
    heard = make_utterances(count, seed=5, seen=False)
    unheard = make_utterances(count, seed=5, seen=False, heard=False)
    chance = np.random.default_rng(7)
    nobody = [no_speech(chance) for _ in range(count // 2)]
    silent = [transcribe(model, sound) for sound in nobody]
    spoken = [transcribe(model, utterance.samples) for utterance in heard]
    return {
        "word_error_rate": _errors(heard, spoken),
        "word_error_rate_of_unheard_voices": word_errors(
            [said.sentence for said in unheard], [transcribe(model, said.samples)[0] for said in unheard]
        ),
        "utterances": count,
        "speech_taken_for_silence": float(np.mean([silence > 0.5 for _, silence in spoken])),
        "silence_noticed": float(np.mean([silence > 0.5 for _, silence in silent])),
        "silence_without_words": float(np.mean([not text for text, _ in silent])),
    }


def _errors(utterances: Sequence[Utterance], transcripts: Sequence[tuple[str, float]]) -> float:
    return word_errors([said.sentence for said in utterances], [text for text, _ in transcripts])


def transcribe(model: Whisper, sound: NDArray[np.float32]) -> tuple[str, float]:
    """Return the text, and how sure the model is that nobody speaks."""
    told = model.transcribe(sound, temperature=0.0, fp16=False, condition_on_previous_text=False)
    segments = told["segments"]
    return told["text"].strip(), max([segment["no_speech_prob"] for segment in segments], default=1.0)
