"""Videos in which cuts, standstill and motion are planted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tasks.media.measure.video import measure_video


def scene(seed):
    coarse = np.random.default_rng(seed).integers(0, 2, (8, 8, 1), dtype=np.uint8) * 200
    return np.kron(coarse, np.ones((8, 8, 3), np.uint8)) + np.uint8(seed * 15)


def times(count, a_second=4.0):
    return np.arange(count) / a_second


def test_a_standing_picture_is_frozen():
    told = measure_video(np.stack([scene(1)] * 5), times(5))
    assert told == {"motion": 0.0, "cuts": 0.0, "frozen_share": 1.0, "temporal_consistency": pytest.approx(1.0)}


def test_the_planted_cuts_are_counted():
    frames = np.stack([scene(seed) for seed in (0, 0, 0, 1, 1, 3, 3, 3)])
    told = measure_video(frames, times(8))
    assert told["cuts"] == 2.0
    assert told["frozen_share"] == pytest.approx(5 / 7)


def test_motion_is_no_cut_and_is_counted_by_the_second():
    frames = np.stack([np.roll(scene(1), shift, axis=1) for shift in range(6)])
    slow, fast = measure_video(frames, times(6)), measure_video(frames, times(6, a_second=8.0))
    assert slow["cuts"] == 0.0
    assert slow["frozen_share"] == 0.0
    assert fast["motion"] == pytest.approx(2 * slow["motion"])
    assert 0.3 < slow["temporal_consistency"] < 1.0


def test_a_growing_brightness_is_seen_as_motion():
    frames = np.stack([np.full((8, 8, 3), level, np.uint8) for level in (0, 51, 102)])
    told = measure_video(frames, np.array([0.0, 1.0, 2.0]))
    assert told["motion"] == pytest.approx(0.2)
    assert told["temporal_consistency"] == 0.0


def test_one_frame_says_nothing():
    assert set(measure_video(scene(1)[None], times(1)).values()) == {None}


@given(arrays.arrays(np.uint8, st.tuples(st.integers(2, 5), st.integers(1, 8), st.integers(1, 8), st.just(3))))
def test_measures_are_numbers_in_their_range(frames):
    told = measure_video(frames, np.zeros(len(frames)))
    assert told["motion"] is None
    assert 0 <= told["frozen_share"] <= 1
    assert -1 - 1e-9 <= told["temporal_consistency"] <= 1 + 1e-9
