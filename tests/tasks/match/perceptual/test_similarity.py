"""The similarity of two pictures whose relation is known."""

import numpy as np
import pytest

from tasks.match.perceptual.candidates import candidates
from tasks.match.perceptual.similarity import similarities
from tasks.media.fingerprint.image import fingerprint_image
from tests.tasks.match.perceptual import material as of

WHOLE = np.array([(0.0, 1.0, 0.0, 1.0)])


def signs(*pictures):
    return np.stack([np.frombuffer(fingerprint_image(np.asarray(picture)).signature, np.uint8) for picture in pictures])


def similarity(one, other, rectangle=WHOLE):
    return similarities(signs(one, other), np.array([0]), np.array([1]), rectangle)[0]


def test_a_picture_is_entirely_similar_to_itself_and_its_negative_is_not():
    picture = of.landscape(1)
    assert similarity(picture, picture) == 1.0
    assert similarity(picture, picture.point(lambda level: 255 - level)) < 0


def test_a_crop_is_found_from_a_rectangle_nearby():
    picture = of.landscape(5)
    part = picture.crop((12, 12, 228, 228))
    exact = similarity(picture, part, np.array([(0.05, 0.95, 0.05, 0.95)]))
    nearby = similarity(picture, part, np.array([(0.1, 0.9, 0.1, 0.9)]))
    assert exact > 0.99
    assert nearby > 0.95


def test_a_shape_in_another_place_or_colour_is_seen():
    assert similarity(of.circle(0.3), of.circle(0.6)) < 0.5
    assert similarity(of.circle(0.3, colour="red"), of.circle(0.3, colour="blue")) == 0.0
    assert similarity(of.circle(0.3, colour="red"), of.circle(0.3).convert("L").convert("RGB")) > 0.95


def test_company_does_not_change_a_similarity():
    pictures = signs(*[of.landscape(seed) for seed in range(3)], of.saved(of.landscape(0), format="JPEG", quality=30))
    alone = similarities(pictures, np.array([0]), np.array([3]), WHOLE)
    together = similarities(pictures, np.array([0, 1, 2, 0]), np.array([1, 2, 0, 3]), np.tile(WHOLE, (4, 1)))
    assert together[3] == pytest.approx(alone[0], abs=1e-6)


def test_candidates_are_few_and_name_each_two_once():
    many = signs(
        *[of.landscape(seed) for seed in range(60)], *[of.landscape(seed).resize((90, 90)) for seed in range(60)]
    )
    found = candidates(many)
    named = {(min(i, j), max(i, j)) for i, j in found.select("part", "whole").iter_rows()}
    assert len(named) == found.height
    assert {(seed, seed + 60) for seed in range(60)} <= named
    assert found.height < 120
