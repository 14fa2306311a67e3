"""MIME types of media: told by the first bytes where nobody has said them, and the endings that files of them have."""

from __future__ import annotations

from typing import Final, cast

from schemas.media import Modality, modality_of_bytes

_ENDINGS: Final[dict[str, str]] = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif", "image/bmp": ".bmp",
    "image/tiff": ".tif", "image/avif": ".avif", "image/heic": ".heic", "image/x-portable-pixmap": ".ppm",
    "image/vnd.microsoft.icon": ".ico", "image/x-icon": ".ico",
    "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/vnd.wave": ".wav", "audio/mpeg": ".mp3", "audio/flac": ".flac",
    "audio/x-flac": ".flac", "audio/ogg": ".ogg", "audio/mp4": ".m4a", "audio/x-m4a": ".m4a", "audio/aac": ".aac",
    "audio/webm": ".webm",
    "video/mp4": ".mp4", "video/webm": ".webm", "video/x-matroska": ".mkv", "video/matroska": ".mkv",
    "video/quicktime": ".mov", "video/x-msvideo": ".avi", "video/mpeg": ".mpg", "video/ogg": ".ogv",
}  # fmt: skip
_BY_OPENING: Final[dict[bytes, str]] = {
    b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"BM": "image/bmp",
    b"II*\0": "image/tiff", b"MM\0*": "image/tiff", b"\0\0\1\0": "image/x-icon", b"P6": "image/x-portable-pixmap",
    b"ID3": "audio/mpeg", b"\xff\xfb": "audio/mpeg", b"\xff\xf3": "audio/mpeg", b"\xff\xf2": "audio/mpeg",
    b"\xff\xf1": "audio/aac", b"\xff\xf9": "audio/aac", b"fLaC": "audio/flac", b"OggS": "audio/ogg",
    b"\x1aE\xdf\xa3": "video/webm", b"\0\0\1\xba": "video/mpeg", b"\0\0\1\xb3": "video/mpeg",
}  # fmt: skip
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS: Final = {
    b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}  # fmt: skip
# Enough of a file to tell what it is.
OPENING: Final = 64


def mime_of_bytes(data: bytes) -> str | None:
    """Name the MIME type of a medium by its first bytes; none if they say nothing."""
    if modality_of_bytes(data) is None:
        return None
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video/mp4")
    return next((mime for opening, mime in _BY_OPENING.items() if data.startswith(opening)), None)


def modality_of_mime(mime: str) -> Modality | None:
    """Tell image, audio and video apart by a MIME type; none if it is of something else."""
    kind = mime.partition("/")[0]
    return cast("Modality", kind) if kind in ("image", "audio", "video") else None


def ending_of(mime: str | None) -> str:
    """Return the ending, with its dot, that a file of this MIME type has by custom; `.bin` if there is none."""
    return _ENDINGS.get((mime or "").partition(";")[0].strip().lower(), ".bin")
