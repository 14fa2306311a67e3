"""The fingerprint of a sound: bits of what its spectrum does within a second, sixteen times a second."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from tasks.signatures.projection import Floats, sides, words
from tasks.signatures.sequence import AUDIO, AUDIO_WORDS, Sequence, pack

# Frames a second and their length; bands between two frequencies that every codec and a telephone keep.
_FRAMES: Final = 32
_LENGTH: Final = 0.064
_BANDS: Final = 24
_LOW, _HIGH = 200.0, 3400.0
# A word tells of one second, and there is one every sixteenth of a second: a copy that is cut off at the start has its
# words at most half of that earlier or later.
_PATCH: Final = 32
_HOP: Final = 2
_TIME_WAVES, _BAND_WAVES = 6, 12
# What is so much weaker than the loudest of its second is not heard, and below this nothing is.
_HIDDEN: Final = 1e-4
_SILENCE: Final = 1e-9
_AT_ONCE: Final = 2048


class AudioFingerprint(NamedTuple):
    """What is stored of a sound: the algorithm and its version, and 192 bytes for each second."""

    algorithm: str
    signature: bytes


def fingerprint_audio(samples: npt.NDArray[np.float32], rate: int) -> AudioFingerprint:
    """Return the fingerprint of samples (n, channels), or (n,) of one channel, from -1 to 1.

    Loudness does not count, nor what lies below 200 Hz or above 3400 Hz. Silent seconds are left out. A sound of less
    than a second is continued with silence.
    """
    mono = samples.mean(axis=1) if samples.ndim == 2 else samples
    energies = _energies(np.asarray(mono, np.float32), rate)
    patches = sliding_window_view(energies, _PATCH, axis=0)[::_HOP]
    starts = np.arange(len(patches)) * 1000 * _HOP // _FRAMES
    found = [np.zeros((0, AUDIO_WORDS), np.uint64)]
    told = np.zeros(len(patches), np.bool_)
    for start in range(0, len(patches), _AT_ONCE):
        part = patches[start : start + _AT_ONCE]
        vectors, told[start : start + _AT_ONCE] = _vectors(part)
        found.append(words(sides(vectors, 64 * AUDIO_WORDS)))
    return AudioFingerprint(AUDIO, pack(Sequence(starts[told], np.concatenate(found)[told])))


def _energies(mono: Floats, rate: int) -> Floats:
    """Return the energy of each band in each frame, at least a second of them: (frames, bands)."""
    length = max(16, round(_LENGTH * rate))
    count = max(_PATCH, int((len(mono) - length) * _FRAMES / rate) + 1)
    whole = np.pad(mono, (0, max(0, int((count - 1) * rate / _FRAMES) + length - len(mono))))
    starts = (np.arange(count) * rate / _FRAMES).astype(np.int64)
    window = np.hanning(length).astype(np.float32)
    filters = _filters(length, rate)
    windows = sliding_window_view(whole, length)
    found = np.zeros((count, _BANDS), np.float32)
    for start in range(0, count, _AT_ONCE):
        spectrum = np.fft.rfft(windows[starts[start : start + _AT_ONCE]] * window, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        found[start : start + _AT_ONCE] = power.astype(np.float32) @ filters / np.float32(window.sum() ** 2)
    return found


@cache
def _filters(length: int, rate: int) -> Floats:
    """Return triangles over the spectrum, evenly spaced on the mel scale (O'Shaughnessy 1987): (bins, bands)."""
    low, high = (2595 * np.log10(1 + frequency / 700) for frequency in (_LOW, _HIGH))
    mel = np.linspace(low, high, _BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    bins = np.fft.rfftfreq(length, 1 / rate)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)), np.float32)


def _vectors(patches: npt.NDArray[np.float32]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the cosine coefficients of the logarithms of patches (n, bands, time), and which are not silent.

    The coefficients lose their mean, which is loudness, are weighed by frequency and brought to length 1.
    """
    loudest = patches.max(axis=(1, 2), keepdims=True)
    levels = np.log10(patches / np.maximum(loudest, _SILENCE) + _HIDDEN)
    waves = _cosines(_BANDS, _BAND_WAVES) @ levels @ _cosines(_PATCH, _TIME_WAVES).T
    band, time = np.mgrid[:_BAND_WAVES, :_TIME_WAVES]
    weight = np.hypot(band, time).astype(np.float32)
    found = (waves * weight).reshape(len(patches), -1)[:, 1:]
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return found / np.maximum(lengths, 1e-6), (loudest > _SILENCE).ravel()


@cache
def _cosines(size: int, waves: int) -> Floats:
    places = (np.arange(size) + 0.5) / size
    return (np.cos(np.pi * np.arange(waves)[:, None] * places) / size).astype(np.float32)
