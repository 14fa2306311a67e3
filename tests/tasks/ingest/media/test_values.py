"""Bytes are taken out of rows and can be put back, whichever way a row holds them."""

import base64
import hashlib
import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.ingest.media.values import Named, media_in, with_bytes, without_bytes

DATA = b"\x89PNG\r\n\x1a\n and more"
SHA = hashlib.sha256(DATA).hexdigest()
TEXT = base64.b64encode(DATA).decode()


def kept():
    shelf = {}

    def put(data):
        name = hashlib.sha256(data).hexdigest()
        shelf[name] = data
        return name

    return shelf, put


WAYS = [
    ({"$bytes": TEXT}, Named(SHA, None)),
    ({"bytes": {"$bytes": TEXT}, "path": "cat.png"}, Named(SHA, "cat.png")),
    ({"bytes": {"$bytes": TEXT}, "path": None}, Named(SHA, None)),
    ({"bytes": TEXT, "path": "cat.png"}, Named(SHA, "cat.png")),
    (f"data:image/png;base64,{TEXT}", Named(SHA, None)),
    (f"data:;base64,{TEXT}", Named(SHA, None)),
    ("deep/cat.png", Named(None, "deep/cat.png")),
    ({"path": "cat.png"}, Named(None, "cat.png")),
    ({"bytes": None, "path": "cat.png"}, Named(None, "cat.png")),
    ({"url": "https://example.org/cat.png"}, Named(None, "https://example.org/cat.png")),
]


@pytest.mark.parametrize(("value", "named"), WAYS)
def test_a_medium_is_known_by_its_content_or_by_its_name(value, named):
    shelf, put = kept()
    bare = without_bytes(value, put)
    assert TEXT not in str(bare)
    assert list(media_in(bare)) == [named]
    assert with_bytes(bare, shelf.__getitem__) == value
    assert list(shelf.values()) == ([DATA] if named.sha256 else [])


@pytest.mark.parametrize(
    "value", [None, "", " ", [], [""], {}, {"bytes": None, "path": None}, {"path": ""}, 7, [None, ""]]
)
def test_what_is_empty_names_no_medium(value):
    shelf, put = kept()
    assert without_bytes(value, put) == value
    assert list(media_in(value)) == []
    assert shelf == {}


def test_lists_hold_several_in_their_order():
    shelf, put = kept()
    value = [{"$bytes": TEXT}, "", "dog.png", [{"path": "bird.png"}]]
    bare = without_bytes(value, put)
    assert [each.reference or each.sha256 for each in media_in(bare)] == [SHA, "dog.png", "bird.png"]
    assert with_bytes(bare, shelf.__getitem__) == value


@pytest.mark.parametrize("text", ["no base64 at all!", TEXT[:-1], TEXT + "\n", "QQ=", "QR=="])
def test_text_that_would_not_come_back_as_it_was_stays(text):
    shelf, put = kept()
    for value in (f"data:image/png;base64,{text}", {"$bytes": text}, {"bytes": text, "path": None}):
        assert without_bytes(value, put) == value
    assert shelf == {}


def test_decoded_sound_becomes_a_file_of_sound():
    shelf, put = kept()
    samples = (np.sin(np.arange(400) / 9) / 2).astype(np.float32).astype(float).tolist()
    for value, channels in (
        ({"array": samples, "sampling_rate": 16_000, "path": None}, 1),
        ({"array": [samples, samples[::-1]], "sampling_rate": 8_000}, 2),
    ):
        bare = without_bytes(value, put)
        (named,) = media_in(bare)
        data = shelf[named.sha256]
        assert data[:4] == b"RIFF"
        assert int.from_bytes(data[22:24], "little") == channels
        assert int.from_bytes(data[24:28], "little") == value["sampling_rate"]
        assert with_bytes(bare, shelf.__getitem__) == value


def test_numbers_of_double_precision_are_kept_to_the_last_bit():
    shelf, put = kept()
    value = {"array": [0.1, -0.3, 1 / 3], "sampling_rate": 16_000}
    assert with_bytes(without_bytes(value, put), shelf.__getitem__) == value


@pytest.mark.parametrize("array", [["a"], [None], [[1.0], [1.0, 2.0]], [[[1.0]]], [True]])
def test_lists_that_are_no_sound_stay(array):
    shelf, put = kept()
    value = {"array": array, "sampling_rate": 16_000}
    bare = without_bytes(value, put)
    assert with_bytes(bare, shelf.__getitem__) == value


@given(st.lists(st.floats(-1, 1, width=32) | st.floats(-1, 1), min_size=1, max_size=30), st.integers(1, 2**31 - 1))
def test_every_sound_comes_back(samples, rate):
    shelf, put = kept()
    value = {"array": samples, "sampling_rate": rate}
    again = with_bytes(without_bytes(value, put), shelf.__getitem__)
    assert again == value
    assert [np.signbit(each) for each in again["array"]] == [np.signbit(each) for each in samples]


def test_a_sound_of_whole_numbers_can_be_played():
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setparams((1, 2, 8_000, 4, "NONE", "NONE"))
        file.writeframes(bytes(8))
    shelf, put = kept()
    value = {"bytes": {"$bytes": base64.b64encode(sink.getvalue()).decode()}, "path": "silence.wav"}
    assert with_bytes(without_bytes(value, put), shelf.__getitem__) == value
