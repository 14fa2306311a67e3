"""What kind of medium a response is, as far as the row itself tells."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any, Final

_KINDS: Final = {
    "image": {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic"},
    "audio": {".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac"},
    "video": {".mp4", ".webm", ".mkv", ".mov", ".avi", ".mpg", ".mpeg"},
}


def medium_key(medium: Any) -> str | None:
    """Name a medium by its content if the row holds it, else by its path; null if it has neither."""
    if isinstance(medium, dict):
        medium = medium.get("bytes") or medium.get("path")
    if isinstance(medium, bytes):
        return hashlib.sha256(medium).hexdigest()
    return medium if isinstance(medium, str) and medium else None


def modality_of(medium: Any) -> str | None:
    """Tell image, audio and video apart by the ending of a path; null if there is no telling."""
    path = medium.get("path") if isinstance(medium, dict) else medium
    if not isinstance(path, str):
        return None
    ending = PurePosixPath(path).suffix.lower()
    return next((kind for kind, endings in _KINDS.items() if ending in endings), None)
