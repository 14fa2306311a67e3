"""Pictures whose measures are known by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageFilter

from tasks.media.measure.image import measure_image


def flat(height, width, level):
    return np.full((height, width, 3), level, np.uint8)


def test_a_white_picture_has_no_contrast_and_one_level():
    assert measure_image(flat(30, 60, 255)) == {
        "aspect": 2.0,
        "sharpness": 0.0,
        "brightness": pytest.approx(1.0),
        "contrast": pytest.approx(0.0, abs=1e-9),
        "entropy": 0.0,
    }


def test_half_black_and_half_white_is_one_bit():
    picture = flat(40, 40, 0)
    picture[:, 20:] = 255
    told = measure_image(picture)
    assert told["entropy"] == pytest.approx(1.0)
    assert told["brightness"] == pytest.approx(0.5)
    assert told["contrast"] == pytest.approx(0.5)


def test_sharpness_is_the_variance_of_the_laplacian():
    picture = flat(5, 5, 0)
    picture[2, 2] = 255
    # Of nine values one is -4 x 255, four are 255 and four are 0.
    values = 255.0 * np.array([-4, 1, 1, 1, 1, 0, 0, 0, 0])
    assert measure_image(picture)["sharpness"] == pytest.approx(values.var())


def test_blur_takes_sharpness_away_and_resolution_does_not_give_it():
    rng = np.random.default_rng(1)
    small = Image.fromarray(rng.integers(0, 256, (512, 512, 3), dtype=np.uint8))
    blurred = small.filter(ImageFilter.GaussianBlur(3))
    larger = small.resize((2048, 2048), Image.Resampling.NEAREST)
    sharpness = [measure_image(np.asarray(each))["sharpness"] for each in (small, blurred, larger)]
    assert sharpness[1] < sharpness[0] / 10
    assert sharpness[2] == pytest.approx(sharpness[0], rel=0.01)


def test_what_needs_more_pixels_is_none():
    assert measure_image(flat(2, 9, 7))["sharpness"] is None
    assert set(measure_image(flat(0, 9, 7)).values()) == {None}


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3))))
def test_measures_are_numbers_in_their_range(picture):
    told = measure_image(picture)
    assert all(value is None or np.isfinite(value) for value in told.values())
    assert 0 <= told["brightness"] <= 1 + 1e-9
    assert 0 <= told["contrast"] <= 0.5 + 1e-9
    assert 0 <= told["entropy"] <= 8
