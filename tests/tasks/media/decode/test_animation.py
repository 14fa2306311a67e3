import numpy as np
import pytest
from PIL import Image

from tasks.media.decode import Undecodable
from tasks.media.decode.animation import decode_animation
from tasks.media.decode.limits import Limits
from tasks.media.decode.video import decode_video
from tests.tasks.media.made import animation, corners, picture, saved

LIMITS = Limits()


def numbers(frames):
    """Which frame each one is, told by the width of its bar."""
    return ((frames[:, 0, :, 0] < 128).sum(axis=1) - 1).tolist()


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_frames_are_taken_from_the_middles_of_equal_parts(form):
    clip = decode_animation(animation(20, form), LIMITS, 4)
    assert numbers(clip.frames) == [2, 7, 12, 17]
    assert clip.times.tolist() == [0.2, 0.7, 1.2, 1.7]
    assert (clip.width, clip.height, clip.frame_count, clip.duration_s, clip.fps) == (32, 24, 20, 2.0, 10.0)


def test_time_counts_and_not_the_number_of_frames():
    clip = decode_animation(animation(4, duration=[100, 100, 100, 2700]), LIMITS, 4)
    assert numbers(clip.frames) == [3]
    assert clip.times.tolist() == [0.3]
    assert clip.duration_s == 3.0


def test_a_frame_that_asks_for_no_time_is_shown_as_browsers_do():
    assert decode_animation(animation(5, duration=0), LIMITS, 1).duration_s == 0.5


def test_fewer_frames_than_asked_for_come_once_each():
    assert numbers(decode_animation(animation(3), LIMITS, 16).frames) == [0, 1, 2]


def test_no_frames_are_asked_for():
    assert decode_animation(animation(3), LIMITS, 0).frames.shape == (0, 24, 32, 3)


def test_frames_are_scaled_down():
    assert decode_animation(animation(3), LIMITS, 2, 12).frames.shape == (2, 12, 16, 3)


def test_a_still_picture_is_one_frame():
    clip = decode_video(picture(corners()), LIMITS, 3)
    assert np.array_equal(clip.frames, corners()[None])
    assert clip.frame_count == 1


def test_frames_are_put_together_as_they_are_shown():
    black = Image.new("RGB", (8, 8), "black")
    spot = black.copy()
    spot.putpixel((3, 3), (255, 255, 255))
    clip = decode_animation(saved(black, "GIF", save_all=True, append_images=[spot], duration=100), LIMITS, 2)
    assert clip.frames[1].sum() == 3 * 255


def test_too_many_frames_are_refused():
    with pytest.raises(Undecodable, match="too long: it has more than 49 frames"):
        decode_animation(animation(50), Limits(max_frames=49), 1)


def test_too_much_time_is_refused():
    with pytest.raises(Undecodable, match="too long: it plays for more than 4 seconds"):
        decode_animation(animation(50), Limits(max_seconds=4), 1)


def test_what_unpacks_to_too_much_is_refused():
    data = animation(50, width=640, height=480)
    with pytest.raises(Undecodable, match="too large: its 50 frames unpack to more than 200 times the bytes it has"):
        decode_animation(data, Limits(max_pixels=1_000_000), 1)
    assert decode_animation(data, Limits(max_pixels=50 * 640 * 480), 1).frame_count == 50


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_animation_is_found(form, share):
    data = animation(20, form)
    with pytest.raises(Undecodable):
        decode_animation(data[: int(len(data) * share)], LIMITS, 4)
