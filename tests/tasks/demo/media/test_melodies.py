from dataclasses import replace

import numpy as np
import pytest

from tasks.demo.media.melodies import INSTRUMENTS, LENGTH, NOTES, RATE, Melody, jumble, random_melody

TUNE = Melody(("c4", "e4", "g4", "c5", "g4", "e4", "d4", "b4"), "a flute", seed=3)


def test_the_caption_says_what_is_played():
    assert TUNE.caption == "the notes c4 e4 g4 c5 g4 e4 d4 b4 on a flute"


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_each_note_has_its_pitch(instrument):
    played = replace(TUNE, instrument=instrument).play()
    assert np.abs(played).max() == pytest.approx(0.5)
    for note, sound in zip(TUNE.notes, played.reshape(LENGTH, -1), strict=True):
        spectrum = np.abs(np.fft.rfft(sound, 1 << 16))
        wanted = 261.63 * 2 ** (NOTES[note] / 12)
        near = np.argmin(np.abs(np.fft.rfftfreq(1 << 16, 1 / RATE) - wanted))
        assert spectrum[near - 40 : near + 41].max() > 0.6 * spectrum.max()


def test_a_melody_is_played_the_same_every_time_and_another_seed_is_another_recording():
    assert np.array_equal(TUNE.play(), TUNE.play())
    assert not np.array_equal(TUNE.play()[:5000], replace(TUNE, seed=4).play()[:5000])


def test_made_up_melodies_differ_and_repeat_no_note():
    chance = np.random.default_rng(0)
    melodies = [random_melody(chance) for _ in range(50)]
    assert len({melody.notes for melody in melodies}) == 50
    assert all(one != two for melody in melodies for one, two in zip(melody.notes, melody.notes[1:], strict=False))


def test_a_jumble_is_about_as_long_as_a_melody():
    chance = np.random.default_rng(0)
    assert np.abs(jumble(chance)).max() == pytest.approx(0.5)
    assert 1.5 < len(jumble(chance)) / RATE < 4.5
