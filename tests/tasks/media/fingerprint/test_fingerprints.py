"""What fingerprints promise: their size and name, the same bytes for ever, and what changes them little."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tasks.media.fingerprint.audio import fingerprint_audio
from tasks.media.fingerprint.image import fingerprint_image
from tasks.media.fingerprint.video import fingerprint_video
from tasks.signatures.projection import distances, planes
from tasks.signatures.sequence import Sequence, pack, unpack
from tasks.signatures.thumbnail import WHOLE, coefficients, levels
from tests.tasks.match.perceptual import material as of


def test_the_planes_are_the_same_for_ever():
    # A change makes every stored fingerprint worthless: then the algorithms need new names.
    digest = hashlib.sha256(planes(116, 192).astype(np.int8).tobytes()).hexdigest()
    assert digest[:16] == "a3a4053a69a51816"


def test_a_picture_has_1800_bytes_and_64_bits():
    told = fingerprint_image(np.asarray(of.landscape(1)))
    assert told.algorithm == "thumbnail/1"
    assert len(told.signature) == 1800
    assert len(told.phash) == 16


def test_the_hash_of_a_half_lit_picture_is_known():
    picture = np.zeros((80, 80, 3), np.uint8)
    picture[:, :40] = 255
    # Light at the left: of the waves across, 1 and 5 are positive, 3 and 7 negative, and the mean is positive.
    assert fingerprint_image(picture).phash == "c400000000000000"


def test_compression_changes_few_bits_of_the_hash_and_another_picture_many():
    def bits(picture):
        return int(fingerprint_image(np.asarray(picture)).phash, 16)

    one = of.landscape(1)
    assert (bits(one) ^ bits(of.saved(one, format="JPEG", quality=50))).bit_count() <= 4
    assert (bits(one) ^ bits(of.landscape(2))).bit_count() >= 20


@given(arrays.arrays(np.float64, (8, 8), elements=st.floats(0, 255)))
def test_all_the_waves_of_a_picture_give_it_back(picture):
    waves = coefficients(picture[None], np.array([WHOLE]), 64)
    # Its blocks come back but for the ripples at their edges; their means nearly exactly.
    again = levels(waves, 64).reshape(8, 8, 8, 8).mean(axis=(1, 3))
    assert np.abs(again - picture).max() < 10


def test_the_waves_of_a_part_are_those_of_the_part_alone():
    whole = np.random.default_rng(1).uniform(0, 255, (1, 40, 40))
    part = coefficients(whole, np.array([(0.1, 0.9, 0.2, 1.0)]), 6)
    alone = coefficients(whole[:, 8:40, 4:36], np.array([WHOLE]), 6)
    assert part == pytest.approx(alone)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (41, 7, 3)])
def test_odd_pictures_have_a_fingerprint(shape):
    assert len(fingerprint_image(np.full(shape, 9, np.uint8)).signature) == 1800


def words_of(sound):
    return unpack(fingerprint_audio(*sound).signature, 1)


def test_a_sound_has_sixteen_words_a_second_and_loudness_changes_none():
    samples, rate = of.tune(1, seconds=4.0)
    told, softer = words_of((samples, rate)), words_of((samples * 0.25, rate))
    # The last word tells of the last second.
    assert len(told.times) == 3 * 16
    assert set(np.diff(told.times).tolist()) == {62, 63}
    assert distances(told.words, softer.words).mean() < 1
    assert distances(told.words, words_of(of.tune(2, seconds=4.0)).words).mean() > 20


def test_a_sound_of_a_moment_has_one_word_and_silence_has_none():
    assert len(words_of(of.tune(1, seconds=0.2)).times) == 1
    assert len(words_of((np.zeros(50_000, np.float32), 16_000)).times) == 0
    assert len(words_of((np.zeros((0, 2), np.float32), 16_000)).times) == 0


def test_frames_without_detail_are_left_out():
    frames = of.flight(1)[:4].copy()
    frames[1] = 0
    told = unpack(fingerprint_video(frames, np.array([0.0, 0.25, 0.5, 0.75])).signature, 2)
    assert told.times.tolist() == [0, 500, 750]
    assert fingerprint_video(frames[:0], np.zeros(0)).signature == b""


@given(st.lists(st.tuples(st.integers(0, 1 << 31), st.integers(0, (1 << 64) - 1)), max_size=20))
def test_what_is_packed_comes_back(rows):
    times = np.array([time for time, _ in rows], np.int64)
    words = np.array([word for _, word in rows], np.uint64).reshape(-1, 1)
    again = unpack(pack(Sequence(times, words)), 1)
    assert again.times.tolist() == times.tolist()
    assert again.words.tolist() == words.tolist()
