"""A child that was taken over can send anything: it is a message of numbers or it is refused."""

import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.media import wire
from tasks.media.job import Answer


def sent(header, payload=b"", lengths=None):
    said = header if isinstance(header, bytes) else json.dumps(header).encode()
    return io.BytesIO(struct.pack(">IQ", *(lengths or (len(said), len(payload)))) + said + payload)


def test_an_answer_crosses():
    stream = io.BytesIO()
    wire.write_answer(stream, Answer({"a": [1, None]}, {"x": np.arange(6, dtype=np.float32).reshape(2, 3).T}))
    stream.seek(0)
    answer = wire.to_answer(wire.read(stream, 100))
    assert answer.facts == {"a": [1, None]}
    assert np.array_equal(answer.arrays["x"], np.arange(6).reshape(2, 3).T)
    assert wire.read(stream, 100) is None


@pytest.mark.parametrize(
    "stream",
    [
        io.BytesIO(b"\x00"),
        sent({}, lengths=(1 << 31, 0)),
        sent({}, lengths=(2, 1 << 40)),
        sent({}, lengths=(2, 50)),
        sent({}, lengths=(50, 0)),
        sent(b"[1]"),
        sent(b"{"),
        sent(b"\xff\xfe"),
    ],
)
def test_what_is_no_message_is_refused(stream):
    with pytest.raises(wire.Garbled):
        wire.read(stream, 100)


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        ({}, b""),
        ({"facts": {}, "arrays": [["x", "object", [1]]]}, bytes(8)),
        ({"facts": {}, "arrays": [["x", "uint8", [9]]]}, bytes(8)),
        ({"facts": {}, "arrays": [["x", "uint8", [7]]]}, bytes(8)),
        ({"facts": {}, "arrays": [["x", "uint8", [-8]]]}, bytes(8)),
        ({"facts": {}, "arrays": [["x", "uint8", [-1, -8]]]}, bytes(8)),
        ({"facts": {}, "arrays": [["x", "uint8", [1e9, 1e9]]]}, bytes(8)),
        ({"facts": {}, "arrays": [["x", "uint8", "8"]]}, bytes(8)),
        ({"facts": {}, "arrays": [[["x"], "uint8", [8]]]}, bytes(8)),
        ({"facts": [], "arrays": []}, b""),
        ({"facts": {}, "arrays": 5}, b""),
        ({"facts": {}, "arrays": [5]}, b""),
    ],
)
def test_what_is_no_answer_is_refused(header, payload):
    message = wire.read(sent(header, payload), 100)
    with pytest.raises(wire.Garbled):
        wire.to_answer(message)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    with pytest.raises(wire.Garbled):
        wire.to_answer(wire.read(io.BytesIO(b"\x00\x00" + data), 1000) or wire.Message({}, bytearray()))
