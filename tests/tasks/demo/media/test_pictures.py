from dataclasses import replace

import numpy as np
import pytest

from tasks.demo.media.pictures import COUNTS, PLACES, RELATIONS, Group, Picture, change, random_picture
from tasks.demo.media.shapes import COLOURS, SHAPES

STAR = Group("star", "red", 1, "large")
CROSSES = Group("cross", "blue", 2, "small")


def painted(pixels, colour):
    """Where a picture has a colour, as rows and columns in widths of the picture."""
    away = np.abs(pixels.astype(int) - COLOURS[colour]).max(axis=2)
    found = np.argwhere(away <= 15)
    assert len(found), f"nothing {colour} in the picture"
    return found / len(pixels)


@pytest.mark.parametrize(
    ("picture", "caption"),
    [
        (Picture((STAR,), "at the top", "white"), "a large red star at the top on a white background"),
        (
            Picture((CROSSES, STAR), "left of", "black"),
            "two small blue crosses left of a large red star on a black background",
        ),
    ],
)
def test_the_caption_says_what_is_shown(picture, caption):
    assert picture.caption == caption


@pytest.mark.parametrize("size", [32, 64, 100])
def test_a_description_is_drawn_the_same_every_time_at_any_size(size):
    picture = Picture((STAR,), "in the middle", "gray", seed=4)
    drawn = picture.draw(size)
    assert drawn.shape == (size, size, 3)
    assert drawn.dtype == np.uint8
    assert np.array_equal(drawn, picture.draw(size))


def test_another_seed_is_another_picture_of_the_same_caption():
    picture = Picture((STAR,), "in the middle", "gray", seed=4)
    other = replace(picture, seed=5)
    assert picture.caption == other.caption
    assert not np.array_equal(picture.draw(), other.draw())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("count", [1, 4])
def test_a_group_stands_where_the_caption_says(place, count):
    pixels = Picture((Group("circle", "blue", count, "small"),), place, "white").draw(96)
    y, x = painted(pixels, "blue").mean(axis=0)
    there = np.array(PLACES[place])
    nearest = min(PLACES.values(), key=lambda other: float(np.hypot(*(np.array(other) - (x, y)))))
    assert tuple(there) == nearest


@pytest.mark.parametrize(("relation", "axis"), [("left of", 1), ("above", 0)])
@pytest.mark.parametrize("seed", range(5))
def test_the_first_group_stands_before_the_second(relation, axis, seed):
    groups = (Group("square", "red", 2, "large"), Group("heart", "blue", 4, "small"))
    pixels = Picture(groups, relation, "white", seed).draw(96)
    assert painted(pixels, "red")[:, axis].max() < painted(pixels, "blue")[:, axis].min()


@pytest.mark.parametrize("count", range(1, len(COUNTS) + 1))
def test_as_many_are_drawn_as_are_said(count):
    from scipy.ndimage import label

    pixels = Picture((Group("circle", "red", count, "small"),), "in the middle", "white").draw(192)
    away = np.abs(pixels.astype(int) - COLOURS["red"]).max(axis=2)
    assert label(away <= 15)[1] == count


def test_shapes_differ():
    drawn = [Picture((Group(shape, "red", 1, "large"),), "in the middle", "white").draw() for shape in SHAPES]
    assert len({pixels.tobytes() for pixels in drawn}) == len(SHAPES)


def test_one_change_changes_one_thing_and_the_caption():
    chance = np.random.default_rng(0)
    seen = set()
    for _ in range(300):
        picture = random_picture(chance)
        other, what = change(picture, chance)
        seen.add(what)
        assert other.caption != picture.caption
        differing = [name for name in ("where", "background") if getattr(picture, name) != getattr(other, name)]
        for one, two in zip(picture.groups, other.groups, strict=True):
            differing += [name for name in vars(one) if vars(one)[name] != vars(two)[name]]
        assert differing == [what]
    assert seen == {"where", "background", "shape", "colour", "count", "size"}


def test_random_pictures_are_many():
    chance = np.random.default_rng(0)
    pictures = [random_picture(chance, pairs=0.5) for _ in range(400)]
    assert len({picture.caption for picture in pictures}) > 380
    beside = [picture for picture in pictures if len(picture.groups) == 2]
    assert 150 < len(beside) < 250
    assert {picture.where for picture in beside} == set(RELATIONS)
