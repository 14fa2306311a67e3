"""Measures of a sound: how loud it is, how much of it is silent, clipped or like speech."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.float64]

# ITU-R BS.1770-5: blocks of 400 ms, one every 100 ms; an absolute gate and one below the mean of what passes it.
_BLOCK, _EVERY = 0.4, 0.1
_ABSOLUTE_GATE, _RELATIVE_GATE, _OFFSET = -70.0, -10.0, -0.691
# Frames of 20 ms below this level, in dB of full scale, are silent.
_FRAME: Final = 0.02
_SILENT: Final = -50.0
# So many samples in a row at the largest level are clipped; the level of full scale is at least this.
_CLIPPED_RUN, _FULL = 3, 0.99
# Speech is modulated about four times a second, in the band that carries it.
_SPEECH_BAND: Final = (250.0, 3500.0)
_MODULATION: Final = (2.0, 8.0)
_MODULATED_SHARE: Final = 0.5
_DEPTH: Final = 0.3
_AT_ONCE: Final = 1024


def measure_audio(samples: npt.NDArray[np.float32], rate: int) -> dict[str, float | None]:
    """Return the measures of samples (n, channels), or (n,) of one channel, from -1 to 1.

    - `loudness`: integrated loudness in LUFS by ITU-R BS.1770-5, all channels with weight 1; None for less than 0.4
      seconds and where all is below the absolute gate of -70 LUFS.
    - `peak`: the largest absolute sample.
    - `silence_share`: the share of frames of 20 ms whose RMS is below -50 dB of full scale.
    - `clipping_share`: the share of samples in runs of three or more at one largest level of 0.99 or above.
    - `speech_share`: the share of seconds, two a second, that are modulated as speech is (Scheirer and Slaney 1997): of
      the changes of the energy between 250 and 3500 Hz from 0.5 to 16 Hz at least half lie between 2 and 8 Hz, and
      they are deep. It is an estimate without a model: singing and some music pass, noise, tones and silence do not.
      None for less than a second.

    Without samples all are None.
    """
    wave = np.asarray(samples, np.float32)
    wave = wave[:, None] if wave.ndim == 1 else wave
    if wave.size == 0:
        return dict.fromkeys(("loudness", "peak", "silence_share", "clipping_share", "speech_share"))
    return {
        "loudness": _loudness(wave, rate),
        "peak": float(np.abs(wave).max()),
        "silence_share": _silence_share(wave, rate),
        "clipping_share": _clipping_share(wave),
        "speech_share": _speech_share(wave.mean(axis=1), rate),
    }


def _loudness(wave: npt.NDArray[np.float32], rate: int) -> float | None:
    size = round(_BLOCK * rate)
    if len(wave) < size or size < 2:
        return None
    gains = _k_weighting(np.asarray(np.fft.rfftfreq(2 * size, 1 / rate), np.float64), rate)
    starts = (np.arange(int((len(wave) / rate - _BLOCK) / _EVERY + 1e-9) + 1) * _EVERY * rate).astype(np.int64)
    starts = starts[starts + size <= len(wave)]
    blocks = sliding_window_view(wave, size, axis=0)
    energy = np.zeros(len(starts))
    for start in range(0, len(starts), _AT_ONCE // 16):
        some = blocks[starts[start : start + _AT_ONCE // 16]]
        # By Parseval's theorem, with twice the length: what the filter still says after the block counts too.
        spectrum = np.abs(np.fft.rfft(some, 2 * size, axis=2)) ** 2
        energy[start : start + len(some)] = 2 * (spectrum * gains).sum(axis=(1, 2)) / (2 * size) / size
    loud = energy > 10 ** ((_ABSOLUTE_GATE - _OFFSET) / 10)
    if not loud.any():
        return None
    gate = energy[loud].mean() * 10 ** (_RELATIVE_GATE / 10)
    return float(_OFFSET + 10 * np.log10(energy[loud & (energy > gate)].mean()))


def _k_weighting(frequencies: Floats, rate: int) -> Floats:
    """Return by how much each frequency's power counts: the two filters of BS.1770, designed for any rate.

    Their parameters, of a shelf and a high pass, are those that give the coefficients of the standard at 48 kHz.
    """
    shelf = _biquad(1681.974450955533, 0.7071752369554196, rate, 3.999843853973347)
    high_pass = _biquad(38.13547087602444, 0.5003270373238773, rate, None)
    z = np.exp(-2j * np.pi * frequencies / rate)
    gain = np.ones(len(frequencies))
    for b, a in (shelf, high_pass):
        gain *= np.abs((b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2)) ** 2
    return gain


def _biquad(frequency: float, q: float, rate: int, decibels: float | None) -> tuple[list[float], list[float]]:
    """Return the coefficients of a high shelf of so many decibels, or of a high pass."""
    k = float(np.tan(np.pi * min(frequency, 0.49 * rate) / rate))
    below = 1 + k / q + k * k
    a = [1.0, 2 * (k * k - 1) / below, (1 - k / q + k * k) / below]
    if decibels is None:
        return [1.0, -2.0, 1.0], a
    high = 10 ** (decibels / 20)
    middle = high**0.4996667741545416
    b = [(high + middle * k / q + k * k) / below, 2 * (k * k - high) / below, (high - middle * k / q + k * k) / below]
    return b, a


def _silence_share(wave: npt.NDArray[np.float32], rate: int) -> float:
    size = max(1, min(round(_FRAME * rate), len(wave)))
    frames = wave[: len(wave) // size * size].reshape(-1, size * wave.shape[1])
    power = (frames.astype(np.float64) ** 2).mean(axis=1)
    return float((power < 10 ** (_SILENT / 10)).mean())


def _clipping_share(wave: npt.NDArray[np.float32]) -> float:
    level = np.abs(wave).max()
    if level < _FULL or len(wave) < _CLIPPED_RUN:
        return 0.0
    at_top = np.abs(wave) >= level * (1 - 1e-4)
    whole_runs = np.asarray(sliding_window_view(at_top, _CLIPPED_RUN, axis=0).all(axis=-1))
    clipped = np.zeros(wave.shape, np.bool_)
    for shift in range(_CLIPPED_RUN):
        clipped[shift : shift + len(whole_runs)] |= whole_runs
    return float(clipped.mean())


def _speech_share(mono: npt.NDArray[np.float32], rate: int) -> float | None:
    if len(mono) < rate:
        return None
    envelope = _envelope(mono, rate)
    seconds = sliding_window_view(envelope, 50)[::25]
    changes = seconds - seconds.mean(axis=1, keepdims=True)
    # A window of a second resolves 1 Hz: bin k is k Hz.
    power = np.abs(np.fft.rfft(changes * np.hanning(50), axis=1)) ** 2
    slow = power[:, int(_MODULATION[0]) : int(_MODULATION[1]) + 1].sum(axis=1)
    whole = np.maximum(power[:, 1:17].sum(axis=1), 1e-20)
    mean = seconds.mean(axis=1)
    depth = changes.std(axis=1) / np.maximum(mean, 1e-9)
    is_loud = mean > 10 ** (_SILENT / 20)
    return float((is_loud & (depth > _DEPTH) & (slow / whole >= _MODULATED_SHARE)).mean())


def _envelope(mono: npt.NDArray[np.float32], rate: int) -> Floats:
    """Return the RMS of the band of speech in frames of 20 ms, fifty a second."""
    size = max(2, round(2 * _FRAME * rate))
    count = int((len(mono) - size) / rate / _FRAME) + 1
    starts = (np.arange(count) * _FRAME * rate).astype(np.int64)
    window = np.hanning(size).astype(np.float32)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    in_band = (frequencies >= _SPEECH_BAND[0]) & (frequencies <= _SPEECH_BAND[1])
    frames, found = sliding_window_view(mono, size), np.zeros(count)
    for start in range(0, count, _AT_ONCE):
        spectrum = np.fft.rfft(frames[starts[start : start + _AT_ONCE]] * window, axis=1)[:, in_band]
        found[start : start + _AT_ONCE] = 2 * (np.abs(spectrum) ** 2).sum(axis=1) / (size * (window**2).sum())
    return np.sqrt(np.pad(found, (0, max(0, 50 - count))))
