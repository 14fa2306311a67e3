"""Outlines of sounds: extremes by part, and silence where it is planted."""

import numpy as np
import pytest

from tasks.report.media.envelope import envelope


def test_each_part_has_its_extremes():
    samples = np.array([0.1, -0.2, 0.5, 0.0, -0.9, 0.3, 0.0, 0.0], np.float32)
    made = envelope(samples, 4)
    assert made.high == pytest.approx([0.1, 0.5, 0.3, 0.0])
    assert made.low == pytest.approx([-0.2, 0.0, -0.9, 0.0])
    assert made.is_silent.tolist() == [False, False, False, True]


def test_what_is_barely_there_is_silent():
    samples = np.repeat(np.array([0.0009, 0.0011, -0.0009, -0.0011], np.float32), 10)
    assert envelope(samples, 4).is_silent.tolist() == [True, False, True, False]


def test_every_sample_counts_whatever_the_length():
    for length in (1, 2, 159, 160, 161, 999):
        samples = np.zeros(length, np.float32)
        samples[-1] = 1.0
        made = envelope(samples, 160)
        assert len(made.high) == min(length, 160)
        assert made.high[-1] == 1.0


def test_samples_beyond_full_scale_are_cut_and_no_samples_are_no_sound():
    made = envelope(np.array([3.0, -3.0], np.float32), 1)
    assert (made.high[0], made.low[0]) == (1.0, -1.0)
    assert envelope(np.empty(0, np.float32), 10) is None
