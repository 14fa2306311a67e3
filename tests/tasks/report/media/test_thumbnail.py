"""Thumbnails are small in pixels and bytes, and show what they are of."""

import io

import numpy as np
import pytest
from PIL import Image

from tasks.report.media.thumbnail import MOST_BYTES, SIDE, thumbnail


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("shape", "size"),
    [((300, 600), (160, 80)), ((600, 300), (80, 160)), ((30, 20), (20, 30)), ((1, 4000), (160, 1)), ((1, 1), (1, 1))],
)
def test_the_longer_side_fits_and_nothing_grows(shape, size):
    made = opened(thumbnail(np.zeros((*shape, 3), np.uint8)))
    assert (made.format, made.size) == ("JPEG", size)


def test_colours_stay_where_they_are():
    pixels = np.zeros((400, 400, 3), np.uint8)
    pixels[:, :200, 0] = pixels[:, 200:, 2] = 255
    made = np.asarray(opened(thumbnail(pixels)).convert("RGB")).astype(int)
    assert made[80, 20] == pytest.approx([255, 0, 0], abs=25)
    assert made[80, 140] == pytest.approx([0, 0, 255], abs=25)


def test_even_noise_stays_below_the_bound():
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    assert len(thumbnail(noise)) <= MOST_BYTES
    assert thumbnail(noise) == thumbnail(noise)
