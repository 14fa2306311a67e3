import numpy as np
import pytest

from tasks.media.decode import Undecodable
from tasks.media.decode import video as module
from tasks.media.decode.limits import Limits
from tasks.media.decode.video import decode_video
from tests.tasks.media.made import sound, tone, video, wav

LIMITS = Limits()
LEVELS = list(range(10, 250, 4))
FORMS = [("mp4", "libx264"), ("mov", "libx264"), ("webm", "libvpx"), ("matroska", "libx264"), ("avi", "mpeg4")]


def levels(frames):
    return frames.mean(axis=(1, 2, 3))


@pytest.mark.parametrize(("form", "codec"), FORMS)
def test_frames_are_taken_from_the_middles_of_equal_parts(form, codec):
    clip = decode_video(video(LEVELS, form, codec), LIMITS, 4)
    assert clip.times == pytest.approx([0.7, 2.2, 3.7, 5.2], abs=0.11)
    wanted = [LEVELS[round(time * 10)] for time in clip.times]
    assert levels(clip.frames) == pytest.approx(wanted, abs=4)
    assert (clip.width, clip.height, clip.frame_count) == (64, 48, 60)
    assert clip.duration_s == pytest.approx(6, abs=0.15)
    assert clip.fps == pytest.approx(10, rel=0.02)
    assert clip.frames.shape == (4, 48, 64, 3)


@pytest.mark.parametrize("form", ["mpeg", "mpegts"])
def test_streams_without_a_header(form):
    clip = decode_video(video(LEVELS, form, "mpeg1video", fps=25), LIMITS, 4)
    assert clip.frame_count == 60
    assert levels(clip.frames) == pytest.approx([LEVELS[7], LEVELS[22], LEVELS[37], LEVELS[52]], abs=6)


def test_a_long_video_is_entered_where_it_can_be(monkeypatch):
    data = video(LEVELS, encoder={"g": "10", "bf": "2"})
    whole = decode_video(data, LIMITS, 3)
    monkeypatch.setattr(module, "_WHOLE_PIXELS", 1)
    entered = decode_video(data, LIMITS, 3)
    assert np.array_equal(whole.frames, entered.frames)
    assert whole.times.tolist() == entered.times.tolist()
    assert entered.frame_count == 60


def test_no_more_frames_are_taken_than_there_are():
    clip = decode_video(video([50, 100, 150]), LIMITS, 16)
    assert levels(clip.frames) == pytest.approx([50, 100, 150], abs=4)


def test_no_frames_are_asked_for():
    assert decode_video(video(LEVELS), LIMITS, 0).frames.shape == (0, 48, 64, 3)


def test_frames_are_scaled_down_and_never_up():
    data = video(LEVELS, size=(128, 64))
    assert decode_video(data, LIMITS, 2, 32).frames.shape == (2, 32, 64, 3)
    assert decode_video(data, LIMITS, 2, 100).frames.shape == (2, 64, 128, 3)
    assert decode_video(data, LIMITS, 2, 32).width == 128


def test_sound_comes_along():
    data = video(LEVELS, samples=tone(6, 48_000))
    clip = decode_video(data, LIMITS, 1, rate=16_000)
    assert clip.sound.rate == 16_000
    assert clip.sound.seconds == pytest.approx(6, abs=0.1)
    assert clip.note is None
    assert decode_video(data, LIMITS, 1, with_sound=False).sound is None
    assert decode_video(video(LEVELS), LIMITS, 1).sound is None


def test_broken_sound_leaves_the_pictures():
    data = video(LEVELS, "matroska", samples=tone(6, 48_000), spoil_sound=True)
    clip = decode_video(data, LIMITS, 4)
    assert clip.sound is None
    assert clip.note.startswith("no sound: broken: ")
    assert levels(clip.frames) == pytest.approx([LEVELS[7], LEVELS[22], LEVELS[37], LEVELS[52]], abs=8)


def test_damage_in_the_middle_is_found():
    chance = np.random.default_rng(0)
    data = bytearray(video(chance.integers(0, 255, 60).tolist(), "avi", "mpeg4", size=(320, 240)))
    for place in chance.integers(len(data) // 3, len(data) * 2 // 3, 20):
        data[place] = 0x55
    with pytest.raises(Undecodable, match=r"broken: \d+ of its 60 frames cannot be decoded"):
        decode_video(bytes(data), LIMITS, 4)


def test_a_turned_video_is_shown_upright():
    left_red = np.zeros((48, 64, 3), np.uint8)
    left_red[:, :32, 0] = 255
    plain = turned_video(left_red, 0)
    turned = turned_video(left_red, 90)
    assert (plain.width, plain.height) == (64, 48)
    assert (turned.width, turned.height, turned.frames.shape[1:3]) == (48, 64, (64, 48))
    halves = turned.frames[0, :, :, 0].astype(int)
    assert abs(halves[:24].mean() - halves[40:].mean()) > 150


def turned_video(pixels, degrees):
    """Write a matrix into the track of an MP4 that turns what it shows."""
    data = bytearray(video([0] * 3, size=(64, 48), frames=[pixels] * 3))
    at = data.index(b"tkhd") + 4 + 40
    one, sine = 1 << 16, {0: (1, 0), 90: (0, 1)}[degrees]
    matrix = [sine[0] * one, sine[1] * one, 0, -sine[1] * one, sine[0] * one, 0, 0, 0, 1 << 30]
    data[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)
    return decode_video(bytes(data), LIMITS, 1)


def test_a_false_duration_in_the_header_is_not_believed():
    data = bytearray(video(LEVELS))
    for box, at in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        place = data.index(box) + at
        data[place : place + 4] = (1_000_000_000).to_bytes(4, "big")
    clip = decode_video(bytes(data), LIMITS, 4)
    assert clip.duration_s == pytest.approx(6, abs=0.15)
    assert clip.fps == pytest.approx(10, rel=0.02)
    assert clip.times == pytest.approx([0.7, 2.2, 3.7, 5.2], abs=0.11)


def test_a_header_that_says_nothing_of_duration():
    data = video(LEVELS, "webm", "libvpx", muxer={"live": "1"})
    assert decode_video(data, LIMITS, 4).duration_s == pytest.approx(6, abs=0.15)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty: it has no bytes"),
        (wav(tone(1)), "it has no pictures"),
        (sound(tone(1, 48_000), "ipod", "aac"), "it has no pictures"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(200), "broken: FFmpeg says"),
        (b"\x00\x00\x01\xba" + bytes(5000), "broken|empty"),
    ],
)
def test_a_sentence_says_why_not(data, said):
    with pytest.raises(Undecodable, match=said):
        decode_video(data, LIMITS, 4)


def test_limits_of_a_video():
    data = video(LEVELS)
    for limits, said in [
        (Limits(max_frames=59), "too long: it has more than 59 frames"),
        (Limits(max_seconds=5), "too long: it plays for more than 5 seconds"),
        (Limits(max_pixels=64 * 48 - 1), "too large|broken: FFmpeg"),
        (Limits(max_bytes=100), "too large"),
    ]:
        with pytest.raises(Undecodable, match=said):
            decode_video(data, limits, 4)
    exactly = Limits(max_frames=60, max_seconds=6, max_pixels=64 * 48, max_bytes=len(data))
    assert decode_video(data, exactly, 4).frame_count == 60


@pytest.mark.parametrize("form", ["mp4", "faststart", "mov", "webm", "matroska", "avi"])
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.8, 0.9])
def test_a_truncated_video_is_found(form, share):
    chance = np.random.default_rng(0)
    shades = chance.integers(0, 255, 60).tolist()
    codec = {"webm": "libvpx", "avi": "mpeg4"}.get(form, "libx264")
    muxer = {"movflags": "faststart"} if form == "faststart" else None
    data = video(shades, "mp4" if form == "faststart" else form, codec, muxer=muxer)
    with pytest.raises(Undecodable):
        decode_video(data[: int(len(data) * share)], LIMITS, 4)


def test_nothing_but_the_bytes_is_opened(monkeypatch):
    """A QuickTime reference movie may name another file, and a playlist may name any place."""
    opened = []
    monkeypatch.setattr("builtins.open", lambda *asked, **_: opened.append(asked))
    for data in (b"#EXTM3U\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile '/etc/passwd'\n"):
        with pytest.raises(Undecodable, match="a playlist"):
            decode_video(data, LIMITS, 1)
    decode_video(video(LEVELS[:3]), LIMITS, 1)
    assert opened == []
