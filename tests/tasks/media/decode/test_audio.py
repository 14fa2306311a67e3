import struct

import numpy as np
import pytest

from tasks.media.decode import Undecodable
from tasks.media.decode.audio import decode_audio
from tasks.media.decode.limits import Limits
from tests.tasks.media.made import corners, picture, sound, tone, video, wav

LIMITS = Limits()
PACKED = [
    ("mp3", "libmp3lame"),
    ("flac", "flac"),
    ("ogg", "libopus"),
    ("ipod", "aac"),
    ("adts", "aac"),
    ("webm", "libopus"),
]


def pitch(samples, rate):
    return float(np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples))


def test_samples_come_back_as_they_were():
    heard = decode_audio(wav(tone(1)), LIMITS)
    assert (heard.rate, heard.samples.shape, heard.samples.dtype) == (16_000, (16_000, 1), np.float32)
    assert np.abs(heard.samples[:, 0] - tone(1)).max() < 1e-4
    assert heard.seconds == 1.0


def test_channels_stay_apart():
    both = np.stack([tone(1), -tone(1) / 2], axis=1)
    assert np.abs(decode_audio(wav(both), LIMITS).samples - both).max() < 1e-4


@pytest.mark.parametrize(("form", "codec"), PACKED)
def test_a_tone_keeps_its_pitch_and_length(form, codec):
    heard = decode_audio(sound(tone(2, 48_000), form, codec), LIMITS)
    assert heard.rate == 48_000
    assert heard.seconds == pytest.approx(2, abs=0.08)
    assert pitch(heard.samples[:, 0], 48_000) == pytest.approx(440, abs=2)
    assert heard.note is None


def test_rate_mixes_to_one_channel():
    both = np.stack([tone(1, 48_000), tone(1, 48_000)], axis=1)
    heard = decode_audio(wav(both, 48_000), LIMITS, 16_000)
    assert heard.rate == 16_000
    assert heard.samples.shape == (pytest.approx(16_000, abs=50), 1)
    assert pitch(heard.samples[:, 0], 16_000) == pytest.approx(440, abs=2)


def test_the_sound_of_a_video():
    data = video([50] * 20, samples=tone(2, 48_000))
    assert pitch(decode_audio(data, LIMITS).samples[:, 0], 48_000) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty: it has no bytes"),
        (wav(np.zeros(0)), "empty: it has no samples"),
        (picture(corners()), "not a sound or a video: it is image/png"),
        (video([50] * 10), "it has no sound"),
        (b"#EXTM3U\nhttp://example.org/a.ts", "a playlist"),
        (b"ID3" + bytes(500), "no known format"),
    ],
)
def test_a_sentence_says_why_not(data, said):
    with pytest.raises(Undecodable, match=said):
        decode_audio(data, LIMITS)


def promising(data, seconds):
    """A WAV whose header promises another length."""
    size = int(seconds * 32_000)
    return data[:4] + struct.pack("<I", size + 36) + data[8:40] + struct.pack("<I", size) + data[44:]


def test_a_header_that_promises_an_hour():
    with pytest.raises(Undecodable, match=r"truncated: it promises 3,600\.0 seconds and holds 2\.0"):
        decode_audio(promising(wav(tone(2)), 3600), LIMITS)


def test_a_header_written_before_the_length_was_known():
    data = wav(tone(2))
    piped = data[:4] + b"\xff" * 4 + data[8:40] + b"\xff" * 4 + data[44:]
    assert decode_audio(piped, LIMITS).seconds == pytest.approx(2, abs=0.01)


def test_play_time_is_counted_and_not_read():
    assert decode_audio(wav(tone(5)), Limits(max_seconds=5)).seconds == 5
    with pytest.raises(Undecodable, match=r"too long: it plays for more than 4\.9 seconds"):
        decode_audio(wav(tone(5)), Limits(max_seconds=4.9))


def test_samples_may_fill_only_so_much_memory():
    with pytest.raises(Undecodable, match="too large: its sound unpacks to more than 262,144 bytes"):
        decode_audio(wav(tone(5)), Limits(memory=1 << 20))


@pytest.mark.parametrize(("form", "codec"), [("wav", "pcm_s16le"), *PACKED])
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.8])
def test_a_truncated_sound_is_found(form, codec, share):
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 96_000).astype(np.float32)
    data = wav(noise, 48_000) if form == "wav" else sound(noise, form, codec)
    with pytest.raises(Undecodable):
        decode_audio(data[: int(len(data) * share)], LIMITS)


@pytest.mark.parametrize("size", [10, 1000, 100_000])
def test_random_bytes_behind_a_true_header(size):
    data = sound(tone(2, 48_000), "flac", "flac")
    with pytest.raises(Undecodable):
        decode_audio(data[:100] + np.random.default_rng(size).bytes(size), LIMITS)
