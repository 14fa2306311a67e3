import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.media.decode.limits import Limits
from tasks.media.decode.probe import Probe, probe, unpack
from tests.tasks.media.made import animation, corners, noise, picture, sound, tone, video, wav

LIMITS = Limits()


def said(data):
    """What is known of a medium, without what is not."""
    row = probe(data, LIMITS).row()
    assert row.pop("bytes") == len(data)
    return {name: value for name, value in row.items() if value is not None}


def test_a_picture():
    assert said(picture(corners())) == {"modality": "image", "mime": "image/png", "width": 60, "height": 40}


def test_a_sound():
    both = np.stack([tone(2), tone(2)], axis=1)
    assert said(wav(both)) == {
        "modality": "audio", "mime": "audio/wav", "duration_s": 2.0, "sample_rate": 16_000, "channels": 2,
    }  # fmt: skip


def test_a_sound_in_a_container_for_videos_is_a_sound():
    assert said(sound(tone(1, 48_000), "ipod", "aac"))["mime"] == "audio/mp4"
    assert said(sound(tone(1, 48_000), "webm", "libopus"))["modality"] == "audio"


def test_a_video():
    row = said(video([50] * 30, samples=tone(3, 48_000)))
    assert row == {
        "modality": "video", "mime": "video/mp4", "width": 64, "height": 48, "duration_s": pytest.approx(3),
        "fps": pytest.approx(10), "frames": 30, "sample_rate": 48_000, "channels": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("form", "mime"), [("GIF", "image/gif"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_a_picture_that_moves_is_a_video(form, mime):
    assert said(animation(20, form)) == {
        "modality": "video", "mime": mime, "width": 32, "height": 24, "duration_s": 2.0, "fps": 10.0, "frames": 20,
    }  # fmt: skip
    assert said(animation(1, form))["modality"] == "image"


def test_the_pages_of_a_tiff_are_not_a_video():
    assert said(picture(corners(), "TIFF", save_all=True))["modality"] == "image"


def test_an_error_leaves_what_is_sure():
    assert said(picture(noise(64, 64))[:5000]) == {
        "modality": "image", "mime": "image/png", "error": "truncated: the picture ends before it is complete",
    }  # fmt: skip
    assert said(b"") == {"error": "empty: it has no bytes"}
    assert said(b"<html>") == {"error": "not a medium: it is an HTML page"}


def test_a_note_is_not_an_error():
    row = said(video([50] * 30, "matroska", samples=tone(3, 48_000), spoil_sound=True))
    assert row["note"].startswith("no sound: ")
    assert "error" not in row
    assert "channels" not in row
    assert row["frames"] == 30


def test_unpack_gives_what_was_decoded():
    row, pixels = unpack(picture(corners(120, 80)), LIMITS, 1, size=20)
    assert (row.width, row.height, pixels.shape) == (120, 80, (80, 120, 3))
    row, heard = unpack(wav(tone(1, 48_000), 48_000), LIMITS, 1, rate=16_000)
    assert heard.rate == 16_000
    row, clip = unpack(video([50] * 30), LIMITS, 4, size=24)
    assert clip.frames.shape == (4, 24, 32, 3)
    assert unpack(b"", LIMITS, 1) == (Probe(bytes=0, error="empty: it has no bytes"), None)


WHOLE = {
    "png": picture(noise(16, 16)),
    "jpeg": picture(noise(16, 16), "JPEG"),
    "gif": animation(5),
    "webp": animation(5, "WEBP"),
    "tiff": picture(noise(16, 16), "TIFF"),
    "wav": wav(tone(0.5)),
    "mp3": sound(tone(1, 48_000), "mp3", "libmp3lame"),
    "ogg": sound(tone(1, 48_000), "ogg", "libopus"),
    "mp4": video([50, 90] * 5),
    "webm": video([50, 90] * 5, "webm", "libvpx"),
    "avi": video([50, 90] * 5, "avi", "mpeg4"),
}


@settings(max_examples=40)
@given(st.data())
@pytest.mark.parametrize("form", WHOLE)
def test_damage_never_raises(form, data):
    damaged = bytearray(WHOLE[form])
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    row = probe(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]), Limits(max_seconds=60, max_pixels=1_000_000))
    assert row.error is None or row.error.partition(":")[0] in KINDS


KINDS = {"empty", "broken", "truncated", "too large", "too long", "not a medium", "not a format that is decoded"}


@given(st.binary(max_size=2000))
def test_random_bytes_are_no_medium(data):
    assert probe(data, LIMITS).error is not None
