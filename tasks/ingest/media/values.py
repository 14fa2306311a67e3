"""Media as rows hold them: bytes, texts that stand for bytes, arrays of samples, or names of files.

Bytes are taken out of a row and their digest put in their place, in a form that tells how the row had them:

| the row has | and then |
|---|---|
| `{"$bytes": base64}`, as bytes come out of tables | `{"$sha256": digest}` |
| `{"bytes": base64}`, as exports to JSON have it | `{"bytes": {"$base64": digest}}` |
| `"data:image/png;base64,…"` | `"data:image/png;sha256,digest"` |
| `{"array": [samples], "sampling_rate": n}` | `{"array": {"$samples": digest}, …}`, kept as a WAV file |
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np

Put = Callable[[bytes], str]
Get = Callable[[str], bytes]

_DATA: Final = re.compile(r"data:(?P<kind>[^,]*?);base64,(?P<text>.*)", re.DOTALL)
_TAKEN: Final = re.compile(r"data:(?P<kind>[^,]*?);sha256,(?P<digest>[0-9a-f]{64})")
_FLOAT: Final = 3  # the format tag of WAV files with floating-point samples
_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")


class Named(NamedTuple):
    """One medium as a row names it: the digest of its bytes, or a reference to them; a name may go with bytes."""

    sha256: str | None
    reference: str | None


def without_bytes(value: Any, put: Put) -> Any:
    """Hand every medium inside `value` to `put` and write its digest in its place; names stay as they are."""
    if isinstance(value, list):
        return [without_bytes(each, put) for each in value]
    if isinstance(value, str):
        found = _DATA.fullmatch(value)
        data = None if found is None else _decoded(found["text"])
        return value if found is None or data is None else f"data:{found['kind']};sha256,{put(data)}"
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$bytes"), str):
        data = _decoded(value["$bytes"])
        return value if data is None else {"$sha256": put(data)}
    if isinstance(value.get("array"), list) and _rate(value) is not None:
        data = _as_wav(value["array"], _rate(value) or 0)
        return value if data is None else {**value, "array": {"$samples": put(data)}}
    return {key: _of_bytes(each, put) if key == "bytes" else each for key, each in value.items()}


def with_bytes(value: Any, get: Get) -> Any:
    """Undo `without_bytes`, given the bytes of each digest."""
    if isinstance(value, list):
        return [with_bytes(each, get) for each in value]
    if isinstance(value, str):
        found = _TAKEN.fullmatch(value)
        return value if found is None else f"data:{found['kind']};base64,{_encoded(get(found['digest']))}"
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((mark, digest),) = value.items()
        if mark in _MARKS:
            return _MARKS[mark](get(digest))
    return {key: with_bytes(each, get) if key in ("bytes", "array") else each for key, each in value.items()}


def media_in(value: Any) -> Iterator[Named]:
    """List the media inside a value whose bytes have been taken out, in their order; empty names are none."""
    if isinstance(value, list):
        for each in value:
            yield from media_in(each)
    elif isinstance(value, str):
        found = _TAKEN.fullmatch(value)
        if found is not None:
            yield Named(found["digest"], None)
        elif value.strip():
            yield Named(None, value)
    elif isinstance(value, dict):
        yield from _in_object(value)


def _in_object(value: dict[str, Any]) -> Iterator[Named]:
    digest = next((value[mark] for mark in _MARKS if isinstance(value.get(mark), str)), None)
    inner = value.get("bytes") if value.get("bytes") is not None else value.get("array")
    path = next((value[key] for key in ("path", "url") if isinstance(value.get(key), str) and value[key]), None)
    if digest is not None:
        yield Named(digest, None)
    elif isinstance(inner, dict):
        yield from (each._replace(reference=path) for each in media_in(inner))
    elif path is not None:
        yield Named(None, path)


def _of_bytes(value: Any, put: Put) -> Any:
    if not isinstance(value, str):
        return without_bytes(value, put)
    data = _decoded(value)
    return value if data is None else {"$base64": put(data)}


def _decoded(text: str) -> bytes | None:
    """Read base64; none if it is something else, or was written in a way that cannot be written again."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _encoded(data) == text else None


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _rate(value: dict[str, Any]) -> int | None:
    rate = value.get("sampling_rate", value.get("sample_rate"))
    return rate if isinstance(rate, int) and 0 < rate < 1 << 31 else None


def _as_wav(samples: list[Any], rate: int) -> bytes | None:
    """Write samples, one list or one a channel, as a WAV file of floating-point numbers; none if they are no numbers.

    Numbers of 32 bits are enough where they say the same.
    """
    try:
        given = np.asarray(samples, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    if given.ndim not in (1, 2) or not np.isfinite(given).all() or given.tolist() != samples:
        return None
    narrow = given.astype(np.float32)
    kind = np.dtype("<f4") if np.array_equal(narrow.astype(np.float64), given) else np.dtype("<f8")
    channels = 1 if given.ndim == 1 else given.shape[0]
    data = given.astype(kind).T.tobytes()
    frame = channels * kind.itemsize
    if max(rate * frame, len(data) + _HEADER.size) >= 1 << 32:  # more than the header can say
        return None
    header = (b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, _FLOAT, channels, rate, rate * frame, frame)
    return _HEADER.pack(*header, 8 * kind.itemsize, b"data", len(data)) + data


def _samples(data: bytes) -> list[Any]:
    header = _HEADER.unpack_from(data)
    channels, width = header[6], header[10] // 8
    numbers = np.frombuffer(data, dtype=f"<f{width}", offset=_HEADER.size).astype(np.float64)
    return numbers.tolist() if channels == 1 else numbers.reshape(-1, channels).T.tolist()


# The key that stands where bytes were → how the row had them.
_MARKS: Final[dict[str, Callable[[bytes], Any]]] = {
    "$sha256": lambda data: {"$bytes": _encoded(data)},
    "$base64": _encoded,
    "$samples": _samples,
}
