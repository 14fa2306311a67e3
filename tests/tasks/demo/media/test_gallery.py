from dataclasses import replace

import numpy as np
import pytest

from tasks.demo.media.clips import MOTIONS
from tasks.demo.media.gallery import Gallery, clip_hint, glance_at, glance_at_clip, go_together, hint
from tasks.demo.media.melodies import Melody

TUNE = Melody(("c4", "e4", "g4", "c5", "g4", "e4", "d4", "b4"), "a flute")


@pytest.fixture(params=[1, 2])
def gallery(request):
    return Gallery(np.random.default_rng(request.param))


def test_no_picture_looks_or_reads_like_one_before(gallery):
    pictures = [gallery.picture() for _ in range(60)]
    glances = np.stack([glance_at(picture.draw(128)) for picture in pictures])
    others = glances @ glances.T - np.eye(len(glances))
    assert others.max() < 0.85
    assert len({picture.caption for picture in pictures} | {hint(picture) for picture in pictures}) == 120


def test_two_pictures_differ_in_what_was_asked_for(gallery):
    for _ in range(10):
        one, two = gallery.pictures("where")
        assert one != two
        assert replace(one, where=two.where) == two
    for _ in range(10):
        one, two = gallery.pictures("colour")
        assert [group.shape for group in one.groups] == [group.shape for group in two.groups]
        assert sum(a.colour != b.colour for a, b in zip(one.groups, two.groups, strict=True)) == 1


def test_a_mistaken_prompt_names_no_shape_and_no_colour_that_is_shown(gallery):
    for _ in range(20):
        shown, named = gallery.mistaken()
        assert (shown.where, shown.background) == (named.where, named.background)
        for what in ("shape", "colour"):
            assert not {getattr(group, what) for group in shown.groups} & {
                getattr(group, what) for group in named.groups
            }


def test_no_clip_looks_or_reads_like_one_before(gallery):
    clips = [gallery.clip() for _ in range(20)]
    glances = np.stack([glance_at_clip(clip) for clip in clips])
    assert (glances @ glances.T - np.eye(len(clips))).max() <= 0.75
    assert len({clip_hint(clip) for clip in clips}) == 20


def test_two_clips_show_the_same_thing_on_its_way_across_and_upright(gallery):
    one, two = gallery.clips()
    assert replace(one, motion=two.motion) == two
    assert np.dot(MOTIONS[one.motion], MOTIONS[two.motion]) == 0


def test_two_melodies_begin_alike_and_go_on_differently(gallery):
    one, two = gallery.melodies(notes=3)
    assert one.notes[:3] == two.notes[:3]
    assert not go_together(one, two)


@pytest.mark.parametrize(
    ("notes", "is_like"),
    [
        (TUNE.notes, True),
        # The same, two notes later.
        (("a4", "a5", *TUNE.notes[:6]), True),
        # The same, an octave above or below.
        (tuple(note[0] + "54"[int(note[1]) - 4] for note in TUNE.notes), True),
        (("f4", "a4", "b5", "f5", "a5", "f4", "a4", "f5"), False),
    ],
)
def test_melodies_are_compared_at_every_shift(notes, is_like):
    assert go_together(TUNE, replace(TUNE, notes=notes)) == is_like


def test_a_flat_picture_has_nothing_to_see():
    assert not glance_at(np.full((64, 64, 3), 90, np.uint8)).any()
