"""Sounds whose measures are known: test signals of the standard, and what is planted in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tasks.media.measure.audio import measure_audio

RATE = 48_000


def tone(frequency, seconds=3.0, level=1.0, rate=RATE):
    time = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_full_tone_in_one_channel_has_the_loudness_that_the_standard_says(rate):
    # BS.1770: a 0 dB FS sine of 997 Hz in one channel reads -3.01 LKFS.
    assert measure_audio(tone(997, rate=rate), rate)["loudness"] == pytest.approx(-3.01, abs=0.05)


def test_half_as_loud_is_six_decibels_less_and_two_channels_are_three_more():
    one, half = tone(997), tone(997, level=0.5)
    both = np.stack([one, one], axis=1)
    assert measure_audio(half, RATE)["loudness"] == pytest.approx(-3.01 - 6.02, abs=0.05)
    assert measure_audio(both, RATE)["loudness"] == pytest.approx(0.0, abs=0.05)


def test_pauses_do_not_count_for_loudness():
    sound = np.concatenate([tone(997, level=0.1), np.zeros(6 * RATE, np.float32)])
    assert measure_audio(sound, RATE)["loudness"] == pytest.approx(-23.0, abs=0.3)


def test_silence_has_no_loudness_and_is_silent():
    told = measure_audio(np.zeros(RATE, np.float32), RATE)
    assert told == {"loudness": None, "peak": 0.0, "silence_share": 1.0, "clipping_share": 0.0, "speech_share": 0.0}


def test_the_silent_share_is_the_planted_one():
    sound = np.concatenate([tone(440, 3.0, 0.3), np.zeros(RATE, np.float32)])
    assert measure_audio(sound, RATE)["silence_share"] == pytest.approx(0.25, abs=0.01)


def test_clipping_is_runs_at_the_top():
    clean, loud = tone(440, level=0.9), np.clip(tone(440, level=2.0), -1, 1)
    assert measure_audio(clean, RATE)["clipping_share"] == 0.0
    # A sine of twice full scale is beyond it for two thirds of the time.
    assert measure_audio(loud, RATE)["clipping_share"] == pytest.approx(2 / 3, abs=0.01)
    assert measure_audio(loud, RATE)["peak"] == 1.0


def test_what_is_modulated_four_times_a_second_passes_for_speech_and_other_sounds_do_not():
    rng = np.random.default_rng(2)
    noise = rng.standard_normal(4 * RATE).astype(np.float32) * 0.1
    time = np.arange(len(noise)) / RATE
    shares = {
        "syllables": noise * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * time)).astype(np.float32),
        "noise": noise,
        "tone": tone(440, 4.0, 0.3),
        "rattle": noise * (0.5 + 0.5 * np.sin(2 * np.pi * 14 * time)).astype(np.float32),
    }
    told = {name: measure_audio(sound, RATE)["speech_share"] for name, sound in shares.items()}
    assert told["syllables"] == 1.0
    assert max(told["noise"], told["tone"], told["rattle"]) == 0.0


def test_what_is_too_short_is_none():
    told = measure_audio(tone(440, 0.3), RATE)
    assert told["loudness"] is None
    assert told["speech_share"] is None
    assert set(measure_audio(np.zeros((0, 2), np.float32), RATE).values()) == {None}


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 9_000), st.integers(1, 2)), elements=st.floats(-1, 1, width=32))
)
def test_measures_are_numbers_in_their_range(samples):
    told = measure_audio(samples, 8_000)
    assert all(value is None or np.isfinite(value) for value in told.values())
    assert all(0 <= told[name] <= 1 for name in ("peak", "silence_share", "clipping_share"))
