"""Pictures are prepared exactly as open_clip prepares them."""

import numpy as np
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from pydantic import ValidationError

from tasks.models.open_clip import to_pixels
from tasks.models.preparation import Preparation, preparation_from
from tests.tasks.tiny_models import pictures

SIZES = [(32, 32), (40, 52), (52, 40), (33, 200), (200, 33), (7, 5), (640, 480), (31, 32)]
WAYS = [
    {"size": 32},
    {"size": 32, "interpolation": "bilinear"},
    {"size": 32, "resize_mode": "squash"},
    {"size": 32, "resize_mode": "longest", "fill_color": 127},
    {"size": (24, 48)},
    {"size": (48, 24), "resize_mode": "squash", "interpolation": "bilinear"},
    {"size": (24, 36), "resize_mode": "longest"},
    {"size": 33, "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.25, 0.5)},
]


def smooth(height, width):
    """A picture that is no noise: waves of colour."""
    across = np.linspace(0, 3, width)[None, :, None] + np.linspace(0, 5, height)[:, None, None]
    return ((np.sin(across * [1.0, 1.7, 2.3]) + 1) * 127).astype(np.uint8)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_prepared_picture_is_that_of_open_clip(way):
    theirs = image_transform_v2(PreprocessCfg(**way), is_train=False)
    ours = preparation_from(way["size"], way)
    for height, width in SIZES:
        for picture in (smooth(height, width), pictures(1, height, width)[0]):
            found = to_pixels(torch.nn.Linear(1, 1), [picture], ours)[0]
            expected = theirs(Image.fromarray(picture))
            assert found.shape == expected.shape
            assert torch.allclose(found, expected, atol=1e-6), (height, width)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_what_is_prepared_is_prepared_no_further(way):
    ours = preparation_from(way["size"], way)
    for height, width in SIZES:
        prepared = ours.prepare(smooth(height, width))
        assert prepared.shape == (*ours.size, 3)
        assert ours.prepare(prepared) is prepared


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValidationError, match="resize_mode"):
        preparation_from(32, {"resize_mode": "stretch"})
    with pytest.raises(ValidationError, match="size"):
        preparation_from(-1, {})
    assert preparation_from(32, {"mean": 0.5, "interpolation": "random"}) == Preparation(
        size=(32, 32), mean=(0.5, 0.5, 0.5)
    )
