"""Batches of spectrograms of speech, louder and softer, in noise, with pauses around it, and of no speech at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly
from torch import Tensor
from whisper.audio import log_mel_spectrogram

from tasks.demo.media.melodies import RATE as MUSIC_RATE
from tasks.demo.media.melodies import jumble, random_melody
from training.tiny.speech.model import MOST_SECONDS, Codes
from training.tiny.speech.voices import RATE, Utterance

_SILENT = 0.15
_TIMELESS = 0.25
_IGNORED = -1
# Two spectrogram frames make one frame of the encoder.
_PER_FRAME = 160


class Batch(NamedTuple):
    """Spectrograms, the tokens so far, the tokens that follow them, and the words alone for the alignment."""

    mels: Tensor
    tokens: Tensor
    following: Tensor
    words: list[list[int]]


def make_batch(pool: Sequence[Utterance], codes: Codes, count: int, chance: np.random.Generator) -> Batch:
    """Take utterances of the pool by chance and vary their sound."""
    sounds: list[NDArray[np.float32]] = []
    tokens: list[tuple[list[int], list[int]]] = []
    words: list[list[int]] = []
    for _ in range(count):
        if chance.random() < _SILENT:
            sounds.append(no_speech(chance))
            tokens.append(_silence(codes))
            words.append([])
            continue
        sound, said, begin, end = _varied(pool, codes, chance)
        sounds.append(sound)
        words.append(said)
        tokens.append(_spoken(codes, said, begin, end, timed=chance.random() >= _TIMELESS))
    mels = spectrograms(sounds, chance)
    before, after = zip(*tokens, strict=True)
    return Batch(mels, _padded(before, codes.end), _padded(after, _IGNORED), words)


def _varied(
    pool: Sequence[Utterance], codes: Codes, chance: np.random.Generator
) -> tuple[NDArray[np.float32], list[int], float, float]:
    """Return one utterance after a pause and with noise, its words, and when they begin and end."""
    spoken = pool[int(chance.integers(len(pool)))]
    before, behind = chance.uniform(0, 0.5, 2)
    sound = np.concatenate([
        np.zeros(int(before * RATE), np.float32), spoken.samples, np.zeros(int(behind * RATE), np.float32)
    ])  # fmt: skip
    sound = sound * np.float32(10 ** chance.uniform(-1.2, 0.3))
    if chance.random() < 0.7:
        loudness = float(np.sqrt(np.mean(spoken.samples**2))) * 10 ** chance.uniform(-2.5, -0.8)
        sound = sound + loudness * _noise(len(sound), chance)
    # The first time is always 0.0, as whisper wants a segment to begin within its first second.
    return sound, codes.rows(spoken.sentence), 0.0, before + len(spoken.samples) / RATE


def _noise(length: int, chance: np.random.Generator) -> NDArray[np.float32]:
    """Make noise of loudness 1, between white and brown."""
    white = chance.standard_normal(length).astype(np.float32)
    spectrum = np.fft.rfft(white) / np.arange(1, length // 2 + 2) ** (chance.uniform(0, 1))
    coloured = np.fft.irfft(spectrum, length)
    return (coloured / max(float(coloured.std()), 1e-9)).astype(np.float32)


def no_speech(chance: np.random.Generator) -> NDArray[np.float32]:
    """Make a sound in which nobody speaks: silence, noise, tones or music."""
    length = int(chance.uniform(0.5, 4) * RATE)
    kind = int(chance.integers(8))
    if kind == 0:
        return np.zeros(length, np.float32)
    sound = 10 ** chance.uniform(-4, -1) * _noise(length, chance)
    if kind == 1:
        pitch = chance.uniform(100, 2000) * np.arange(length) / RATE
        sound = sound + 10 ** chance.uniform(-2, -0.5) * np.sin(2 * np.pi * pitch)
    elif kind > 3:
        played = jumble(chance) if kind == 4 else random_melody(chance).play()
        sound = 10 ** chance.uniform(-1, 0) * resample_poly(played, RATE, MUSIC_RATE)
    return sound.astype(np.float32)


def _spoken(codes: Codes, said: list[int], begin: float, end: float, *, timed: bool) -> tuple[list[int], list[int]]:
    mark, closing = (codes.time(begin), [codes.time(end)]) if timed else (codes.timeless, [])
    before = [codes.start, mark, *said, *closing]
    # That a sentence has no times is said by whoever asks, so it is nothing to learn.
    return before, [mark if timed else _IGNORED, *said, *closing, codes.end]


def _silence(codes: Codes) -> tuple[list[int], list[int]]:
    # Whisper reads the first answer and goes on with a time in any case: then there is nothing to say.
    return [codes.start, codes.time(0.0)], [codes.silent, codes.end]


def spectrograms(sounds: Sequence[NDArray[np.float32]], chance: np.random.Generator | None = None) -> Tensor:
    """Turn sounds into spectrograms of one length that end in silence; `chance` wipes out bands and moments."""
    longest = max(len(sound) for sound in sounds)
    length = -(-(longest + RATE // 4) // (2 * _PER_FRAME)) * 2 * _PER_FRAME
    mels = []
    for sound in sounds:
        cut = sound[: int(MOST_SECONDS * RATE)]
        mel = log_mel_spectrogram(torch.from_numpy(np.pad(cut, (0, length - len(cut)))))
        mels.append(mel if chance is None else _wiped(mel, len(cut) // _PER_FRAME, chance))
    return torch.stack(mels)


def _wiped(mel: Tensor, frames: int, chance: np.random.Generator) -> Tensor:
    low, high = int(chance.integers(80)), int(chance.integers(0, 12))
    mel[low : low + high] = mel[:, :frames].mean()
    start, lasting = int(chance.integers(max(frames - 10, 1))), int(chance.integers(0, 10))
    mel[:, start : start + lasting] = mel[:, :frames].mean()
    return mel


def _padded(rows: Sequence[list[int]], filler: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])
