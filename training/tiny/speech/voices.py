"""Speech by espeak-ng, which is needed for training only."""

from __future__ import annotations

import math
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from tasks.demo.media.sentences import random_sentence
from training.tiny.unseen import is_unseen

RATE = 16_000
_HEADER = 44
_ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp")
_SPEAKERS = ("", "+m1", "+m2", "+m3", "+m4", "+m7", "+f1", "+f2", "+f3", "+f4", "+Alex", "+Annie", "+linda", "+steph")
# Never heard in training.
UNHEARD = ("en-us+f5", "en-gb+m5", "en-us-nyc+m6", "en-gb-x-gbcwmd+Andy")


class Voice(NamedTuple):
    """One way of speaking."""

    name: str
    words_per_minute: int
    pitch: int


class Utterance(NamedTuple):
    """A sentence and its sound, in mono at 16 kHz."""

    sentence: str
    samples: NDArray[np.float32]


def random_voice(chance: np.random.Generator, *, heard: bool = True) -> Voice:
    """Make up a voice, one of those heard in training or one of the others."""
    accent = _ACCENTS[int(chance.integers(len(_ACCENTS)))]
    speaker = _SPEAKERS[int(chance.integers(len(_SPEAKERS)))]
    name = f"{accent}{speaker}" if heard else UNHEARD[int(chance.integers(len(UNHEARD)))]
    return Voice(name, int(chance.integers(140, 230)), int(chance.integers(25, 80)))


def speak(sentence: str, voice: Voice) -> NDArray[np.float32]:
    """Say a sentence; return the sound without the silence around it."""
    command = ["espeak-ng", "-v", voice.name, "-s", str(voice.words_per_minute), "-p", str(voice.pitch), "--stdout"]
    said = subprocess.run([*command, sentence], capture_output=True, check=True).stdout
    # The lengths in its header are those of an endless stream.
    rate = int(np.frombuffer(said[24:28], "<u4")[0])
    common = math.gcd(rate, RATE)
    sound = resample_poly(np.frombuffer(said[_HEADER:], "<i2") / 32768, RATE // common, rate // common)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return np.asarray(sound[loud[0] : loud[-1] + 1], np.float32)


def make_utterances(count: int, seed: int, *, seen: bool = True, heard: bool = True) -> list[Utterance]:
    """Say sentences that trainings may use, or such as none uses, in voices of training, or in others."""
    chance = np.random.default_rng((seed, seen, heard))
    drawn: list[tuple[str, Voice]] = []
    while len(drawn) < count:
        sentence = random_sentence(chance)
        if is_unseen(sentence) != seen:
            drawn.append((sentence, random_voice(chance, heard=heard)))
    with ThreadPoolExecutor(4) as pool:
        sounds = pool.map(lambda said: speak(*said), drawn)
        return [Utterance(sentence, sound) for (sentence, _), sound in zip(drawn, sounds, strict=True)]


def kept_utterances(place: Path, count: int, seed: int) -> list[Utterance]:
    """Make utterances to train on and keep them as a file, or take them from it."""
    if not place.exists():
        made = make_utterances(count, seed)
        whole = np.concatenate([np.round(spoken.samples * 32767).astype(np.int16) for spoken in made])
        ends = np.cumsum([len(spoken.samples) for spoken in made])
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_suffix(".new.npz")
        np.savez(beside, sound=whole, ends=ends, sentences=[spoken.sentence for spoken in made])
        beside.replace(place)
    with np.load(place, allow_pickle=False) as kept:
        sounds = np.split(kept["sound"].astype(np.float32) / 32767, kept["ends"][:-1])
        return [Utterance(str(said), sound) for said, sound in zip(kept["sentences"], sounds, strict=True)]
