"""MIME types by the first bytes of real media, and the endings of their files."""

from __future__ import annotations

import pytest

from schemas.media import modality_of_bytes
from tests.media import picture, sound, video
from warehouse.media.mimes import OPENING, ending_of, mime_of_bytes, modality_of_mime


@pytest.mark.parametrize(
    ("data", "mime", "ending"),
    [
        (picture(1), "image/png", ".png"), (picture(1, "JPEG"), "image/jpeg", ".jpg"),
        (picture(1, "GIF"), "image/gif", ".gif"), (picture(1, "WEBP"), "image/webp", ".webp"),
        (picture(1, "BMP"), "image/bmp", ".bmp"), (picture(1, "TIFF"), "image/tiff", ".tif"),
        (sound(1), "audio/wav", ".wav"), (video(1), "video/mp4", ".mp4"),
        (b"fLaC....", "audio/flac", ".flac"), (b"OggS....", "audio/ogg", ".ogg"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4", ".m4a"), (b"\x1aE\xdf\xa3", "video/webm", ".webm"),
    ],
)  # fmt: skip
def test_first_bytes_tell_what_a_medium_is(data, mime, ending):
    opening = data[:OPENING]
    assert mime_of_bytes(opening) == mime
    assert ending_of(mime) == ending
    assert modality_of_mime(mime) == modality_of_bytes(opening)


@pytest.mark.parametrize("data", [b"", b"what is this", b"RIFF....NONE"])
def test_other_bytes_tell_nothing(data):
    assert mime_of_bytes(data) is None


def test_an_unknown_type_has_an_ending_all_the_same():
    assert (ending_of(None), ending_of("application/x-odd"), ending_of("IMAGE/PNG; q=1")) == (".bin", ".bin", ".png")
    assert modality_of_mime("application/pdf") is None
