"""Planted sounds: recordings and composed ones, and the edits that make copies of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import av
import numpy as np
from perception.coding import Sound, at_rate, coded_sound, read_sound

_RATE: Final = 22_050
_SECONDS: Final = 5.0
# The same recording as another one of these folders, in another format, and one that nobody can hear.
_SAME: Final = (
    "test1-8bit",
    "test-dc_offset",
    "wrong_extension",
    "format_test",
    "test5",
    "test1_empty",
    "video_with_failing",
)
# The three references; beside each lie nine codecs' copies of it.
_REFERENCE: Final = "ref.wav"


class Original(NamedTuple):
    """A sound that nothing else is a copy of, and copies of it that others made, by name."""

    name: str
    sound: Sound
    copies: dict[str, Sound]


def recordings(media: Path, codecs: Path) -> Iterator[Original]:
    """Yield up to three pieces of each recording, and the references of the listening test with their copies."""
    for path in sorted(codecs.rglob(_REFERENCE)):
        others = [other for other in sorted(path.parent.glob("*.wav")) if other != path]
        yield Original(path.parent.name, read_sound(path), {other.stem: read_sound(other) for other in others})
    for path in sorted(media.rglob("*")):
        if path.suffix not in (".wav", ".mp3", ".ogg", ".flac") or path.stem.startswith(_SAME):
            continue
        try:
            sound = read_sound(path)
        except (av.FFmpegError, IndexError, ValueError):
            continue
        size = int(_SECONDS * sound.rate)
        # Music says things twice: every second piece is left out.
        for number, start in enumerate(range(0, max(1, len(sound.samples) - size // 2), 2 * size)[:3]):
            piece = sound.samples[start : start + size]
            if np.abs(piece).max() > 0.01:
                yield Original(f"{path.name}-{number}", Sound(piece, sound.rate), {})


def composed(count: int, rng: np.random.Generator) -> Iterator[Original]:
    """Compose sounds of one to eight seconds: melodies, the same ones transposed, rhythms, voices and sweeps."""
    makers = (_melodies, _rhythm, _voice, _sweep)
    made = 0
    while made < count:
        for samples in makers[int(rng.integers(len(makers)))](rng)[: count - made]:
            yield Original(f"composed-{made}", Sound(samples.astype(np.float32), _RATE), {})
            made += 1


def _line(rng: np.random.Generator) -> np.ndarray:
    return np.arange(int(rng.uniform(1.2, 8) * _RATE)) / _RATE


def _melodies(rng: np.random.Generator) -> list[np.ndarray]:
    """Play some notes, and the same ones a fourth higher."""
    time, length = _line(rng), float(rng.uniform(0.15, 0.5))
    notes = rng.integers(0, 24, size=int(time[-1] / length) + 1)
    played = notes[(time / length).astype(int)]
    envelope = np.exp(-3 * (time % length) / length)
    timbre = rng.uniform(0.1, 1, size=6) / np.arange(1, 7)
    made = []
    for shift in (0, 5):
        phase = 2 * np.pi * np.cumsum(220 * 2 ** ((played + shift) / 12)) / _RATE
        tone = sum(loud * np.sin(over * phase) for over, loud in enumerate(timbre, start=1))
        made.append(0.3 * envelope * tone / timbre.sum())
    return made


def _coloured(rng: np.random.Generator, count: int) -> np.ndarray:
    low, wide = rng.uniform(100, 2500), rng.uniform(300, 2000)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / _RATE)
    return np.fft.irfft(spectrum * ((frequency > low) & (frequency < low + wide)), count)


def _rhythm(rng: np.random.Generator) -> list[np.ndarray]:
    """Beat several drums of noise at random moments."""
    time = _line(rng)
    mixed = np.zeros(len(time))
    for _ in range(3):
        noise = _coloured(rng, len(time))
        hits = np.sort(rng.uniform(0, time[-1], size=int(3 * time[-1]) + 1))
        since = time - hits[np.maximum(np.searchsorted(hits, time) - 1, 0)]
        mixed += noise / np.abs(noise).max() * np.exp(-np.abs(since) * rng.uniform(6, 25)) * (since >= 0)
    return [0.25 * mixed]


def _voice(rng: np.random.Generator) -> list[np.ndarray]:
    """Speak: syllables of a humming source through three resonances that glide."""
    time = _line(rng)
    knots = np.arange(0, time[-1] + 0.3, 0.15)
    pitch = np.interp(time, knots, rng.uniform(90, 220, size=len(knots)))
    phase, voiced = 2 * np.pi * np.cumsum(pitch) / _RATE, np.zeros(len(time))
    formants = [
        np.interp(time, knots, rng.uniform(*ends, size=len(knots))) for ends in ((250, 850), (900, 2300), (2300, 3200))
    ]
    for over in range(1, 30):
        gain = sum(np.exp(-(((over * pitch - formant) / 130) ** 2)) for formant in formants)
        voiced += gain * np.sin(over * phase) / over**0.5
    loud = np.interp(time, knots, rng.choice([0.05, 1.0, 0.6], size=len(knots)))
    return [0.1 * voiced * loud]


def _sweep(rng: np.random.Generator) -> list[np.ndarray]:
    """Let three tones glide over a bed of noise."""
    time = _line(rng)
    knots = np.linspace(0, time[-1], int(rng.integers(4, 12)))
    mixed = 0.02 * _coloured(rng, len(time))
    for _ in range(3):
        pitch = np.interp(time, knots, rng.uniform(250, 3000, size=len(knots)))
        mixed += 0.1 * np.sin(2 * np.pi * np.cumsum(pitch) / _RATE)
    return [mixed]


def _cut(start: float, end: float) -> Callable[[Sound], Sound]:
    def edit(sound: Sound) -> Sound:
        count = len(sound.samples)
        return Sound(sound.samples[int(start * count) : int((1 - end) * count)], sound.rate)

    return edit


def _louder(decibels: float) -> Callable[[Sound], Sound]:
    return lambda sound: Sound(np.clip(sound.samples * 10 ** (decibels / 20), -1, 1), sound.rate)


def _with_noise(sound: Sound) -> Sound:
    noise = np.random.default_rng(1).standard_normal(len(sound.samples)) * sound.samples.std() * 10 ** (-30 / 20)
    return Sound(sound.samples + noise.astype(np.float32), sound.rate)


def _codable(sound: Sound) -> Sound:
    return sound if sound.rate in (16_000, 22_050, 24_000, 44_100, 48_000) else at_rate(sound, 22_050)


EDITS: Final[dict[str, Callable[[Sound], Sound]]] = {
    "MP3 64 kbit/s": lambda sound: coded_sound(_codable(sound), "libmp3lame", "mp3", 64_000),
    "AC-3 in Matroska": lambda sound: coded_sound(at_rate(sound, 44_100), "ac3", "matroska", 64_000),
    "AAC 64 kbit/s": lambda sound: coded_sound(_codable(sound), "aac", "adts", 64_000),
    "Opus 32 kbit/s": lambda sound: coded_sound(at_rate(sound, 48_000), "libopus", "ogg", 32_000),
    "+ 6 dB": _louder(6),
    "- 6 dB": _louder(-6),
    "16 kHz": lambda sound: at_rate(sound, 16_000),
    "8 kHz": lambda sound: at_rate(sound, 8_000),
    "10% cut off at the start": _cut(0.1, 0),
    "25% cut off at the end": _cut(0, 0.25),
    "13% cut off at both ends, MP3": lambda sound: EDITS["MP3 64 kbit/s"](_cut(0.13, 0.13)(sound)),
    "noise at - 30 dB": _with_noise,
}
