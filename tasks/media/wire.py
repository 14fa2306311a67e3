"""How parent and child talk: a header in JSON, then bytes. No pickle: a hostile child can only state numbers."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.media.job import Answer

_LENGTHS = struct.Struct(">IQ")
_MAX_HEADER = 16 << 20
_NUMBERS = {"bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"}


class Garbled(Exception):
    """Raised when what came is no message."""


class Message(NamedTuple):
    """What a message says, and the bytes that it carries."""

    header: dict[str, Any]
    payload: bytearray


def write(stream: BinaryIO, header: dict[str, Any], payload: Sequence[bytes | memoryview] = ()) -> None:
    """Send one message. Raises `ValueError` for a number that is none."""
    said = json.dumps(header, allow_nan=False).encode()
    stream.write(_LENGTHS.pack(len(said), sum(memoryview(part).nbytes for part in payload)) + said)
    for part in payload:
        stream.write(part)
    stream.flush()


def read(stream: BinaryIO, max_payload: int) -> Message | None:
    """Receive one message, None at the end. Raises `Garbled` for a broken or an oversized one."""
    lengths = _filled(stream, _LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise Garbled("the message is cut off")
    header, payload = _LENGTHS.unpack(lengths)
    if header > _MAX_HEADER or payload > max_payload:
        raise Garbled(f"the message claims {header:,} and {payload:,} bytes")
    said, carried = _filled(stream, header), _filled(stream, payload)
    if len(said) < header or len(carried) < payload:
        raise Garbled("the message is cut off")
    try:
        decoded = json.loads(said)
    except ValueError as error:
        raise Garbled("the message has no header") from error
    if not isinstance(decoded, dict):
        raise Garbled("the message has no header")
    return Message(decoded, carried)


def _filled(stream: BinaryIO, count: int) -> bytearray:
    """Read `count` bytes, fewer only at the end; arrays over them can be written to."""
    buffer = bytearray(count)
    view, at = memoryview(buffer), 0
    while at < count and (got := stream.readinto(view[at:])):  # type: ignore[attr-defined]
        at += got
    view.release()
    del buffer[at:]
    return buffer


def write_answer(stream: BinaryIO, answer: Answer) -> None:
    """Send an answer."""
    arrays = {name: np.ascontiguousarray(array) for name, array in answer.arrays.items()}
    shapes = [[name, array.dtype.name, list(array.shape)] for name, array in arrays.items()]
    header = {"facts": dict(answer.facts), "arrays": shapes}
    write(stream, header, [array.reshape(-1).view(np.uint8).data for array in arrays.values()])


def to_answer(message: Message) -> Answer:
    """Rebuild an answer, its arrays as views of the payload. Raises `Garbled` if they do not fit it exactly."""
    arrays: dict[str, NDArray[np.generic]] = {}
    at = 0
    try:
        for name, kind, shape in message.header["arrays"]:
            if kind not in _NUMBERS or any(side < 0 for side in shape):
                raise Garbled(f"the answer holds an array of {kind}")
            count = math.prod(shape)
            flat = np.frombuffer(message.payload, np.dtype(kind), count, at) if count else np.empty(0, np.dtype(kind))
            arrays[name] = flat.reshape(shape)
            at += flat.nbytes
        facts = message.header["facts"]
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled("the answer is none") from error
    if at != len(message.payload) or not isinstance(facts, dict):
        raise Garbled("the answer is none")
    return Answer(facts, arrays)
