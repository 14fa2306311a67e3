import numpy as np
import pytest

from tasks.demo.media.clips import MOTIONS, Clip, change_clip, random_clip
from tasks.demo.media.pictures import Group
from tests.tasks.demo.media.test_pictures import painted


@pytest.mark.parametrize("motion", MOTIONS)
def test_the_shape_moves_as_the_caption_says(motion):
    clip = Clip(Group("circle", "red", 1, "large"), motion, "white")
    assert clip.caption == f"a large red circle {motion} on a white background"
    frames = clip.frames(4)
    assert frames.shape == (4, 64, 64, 3)
    centres = np.array([painted(frame, "red").mean(axis=0)[::-1] for frame in frames])
    steps = np.diff(centres, axis=0)
    toward = np.array(MOTIONS[motion])
    assert (steps @ toward > 0.1).all()
    assert np.abs(steps @ toward[::-1]).max() < 0.02


def test_a_changed_clip_differs_in_what_one_frame_shows():
    chance = np.random.default_rng(0)
    for _ in range(50):
        clip = random_clip(chance)
        other = change_clip(clip, chance)
        assert other.motion == clip.motion
        differing = [name for name in vars(clip.subject) if vars(clip.subject)[name] != vars(other.subject)[name]]
        assert len(differing) + (clip.background != other.background) == 1
