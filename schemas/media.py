"""What a medium is: bytes of a picture, a sound or a video, known by their digest, and how one tells them apart."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final, Literal, NamedTuple, Protocol

from schemas.identity import DIGITS

Modality = Literal["image", "audio", "video"]

_ENDINGS: Final[dict[Modality, set[str]]] = {
    "image": {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".ppm", ".ico"},
    "audio": {".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac"},
    "video": {".mp4", ".webm", ".mkv", ".mov", ".avi", ".mpg", ".mpeg"},
}
_OPENINGS: Final[dict[bytes, Modality]] = {
    b"\x89PNG\r\n\x1a\n": "image", b"\xff\xd8\xff": "image", b"GIF8": "image", b"BM": "image", b"II*\0": "image",
    b"MM\0*": "image", b"\0\0\1\0": "image", b"P6": "image",
    b"ID3": "audio", b"\xff\xfb": "audio", b"\xff\xf3": "audio", b"\xff\xf2": "audio", b"\xff\xf1": "audio",
    b"\xff\xf9": "audio", b"fLaC": "audio", b"OggS": "audio",
    b"\x1aE\xdf\xa3": "video", b"\0\0\1\xba": "video", b"\0\0\1\xb3": "video",
}  # fmt: skip
_RIFF: Final[dict[bytes, Modality]] = {b"WEBP": "image", b"WAVE": "audio", b"AVI ": "video"}
_BRANDS: Final[dict[bytes, Modality]] = {b"avif": "image", b"avis": "image", b"heic": "image", b"M4A ": "audio"}


class Found(NamedTuple):
    """What a reference led to: bytes by their SHA-256, how many and of what, or the reason why there are none."""

    sha256: str | None
    bytes: int | None
    modality: Modality | None
    error: str | None = None


class Shelf(Protocol):
    """Where the bytes of media are kept, each content once."""

    def put(self, data: bytes) -> str:
        """Keep `data` and return its SHA-256 in hexadecimal digits."""


def media_id(sha256: str) -> str:
    """Name the medium with this content."""
    return sha256[:DIGITS]


def modality_of_bytes(data: bytes) -> Modality | None:
    """Tell image, audio and video apart by the first bytes, whatever the file was called; none if they say nothing.

    A container that may hold either, such as Matroska, counts as video until it is decoded.
    """
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video")
    return next((kind for opening, kind in _OPENINGS.items() if data.startswith(opening)), None)


def modality_of_name(name: str) -> Modality | None:
    """Tell image, audio and video apart by the ending of a path; none if there is no telling."""
    ending = PurePosixPath(name.partition("?")[0]).suffix.lower()
    return next((kind for kind, endings in _ENDINGS.items() if ending in endings), None)
