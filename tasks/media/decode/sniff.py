"""What a medium really is, told from its first bytes and never from a name.

A file that is two things at once (a GIF with a zip behind it) is what it begins with: only that decoder sees it.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from tasks.media.decode import Undecodable

Family = Literal["picture", "sound", "stream"]


class Kind(NamedTuple):
    """A format: what decodes it, in Pillow's or FFmpeg's own word. A `stream` holds pictures, sound or both."""

    family: Family
    mime: str
    decoder: str


PNG = Kind("picture", "image/png", "PNG")
JPEG = Kind("picture", "image/jpeg", "JPEG")
WEBP = Kind("picture", "image/webp", "WEBP")
GIF = Kind("picture", "image/gif", "GIF")
BMP = Kind("picture", "image/bmp", "BMP")
TIFF = Kind("picture", "image/tiff", "TIFF")
AVIF = Kind("picture", "image/avif", "AVIF")
ICO = Kind("picture", "image/x-icon", "ICO")
PPM = Kind("picture", "image/x-portable-anymap", "PPM")
WAV = Kind("sound", "audio/wav", "wav")
MP3 = Kind("sound", "audio/mpeg", "mp3")
FLAC = Kind("sound", "audio/flac", "flac")
AAC = Kind("sound", "audio/aac", "aac")
OGG = Kind("stream", "video/ogg", "ogg")
MP4 = Kind("stream", "video/mp4", "mov")
MOV = Kind("stream", "video/quicktime", "mov")
WEBM = Kind("stream", "video/webm", "matroska")
MKV = Kind("stream", "video/x-matroska", "matroska")
AVI = Kind("stream", "video/x-msvideo", "avi")
MPG = Kind("stream", "video/mpeg", "mpeg")
MPV = Kind("stream", "video/mpeg", "mpegvideo")
TS = Kind("stream", "video/mp2t", "mpegts")

_BEGINS = {
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"BM": BMP,
    b"II*\x00": TIFF,
    b"MM\x00*": TIFF,
    b"II+\x00": TIFF,
    b"MM\x00+": TIFF,
    b"\x00\x00\x01\x00": ICO,
    b"fLaC": FLAC,
    b"OggS": OGG,
    b"\x00\x00\x01\xba": MPG,
    b"\x00\x00\x01\xb3": MPV,
}
_RIFF = {b"WEBP": WEBP, b"WAVE": WAV, b"AVI ": AVI}
_QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot")
_REFUSED = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstandard archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\xca\xfe\xba\xbe": "a program",
    b"\xcf\xfa\xed\xfe": "a program",
    b"\x00asm": "a program",
    b"#!": "a script",
    b"%PDF": "a PDF document",
    b"%!PS": "a PostScript document",
    b"8BPS": "a Photoshop document",
    b"\x00\x00\x00\x0cJXL ": "a JPEG XL picture",
    b"\xff\x0a": "a JPEG XL picture",
    b"\x00\x00\x00\x0cjP  ": "a JPEG 2000 picture",
    b"#EXTM3U": "a playlist",
    b"ffconcat": "a playlist",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
}
# The name of the first element. What stands before it is not tried in two ways: a file may consist of comments.
_MARKUP = re.compile(
    rb"(?>\s|<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?[^>]*>)*+<(?:[a-z]+:)?(\w+)",
    re.IGNORECASE | re.DOTALL,
)
_SYNC_SEARCH = 4096


def sniff(data: bytes) -> Kind:
    """Tell the format of `data` from its first bytes. Raises `Undecodable`, naming what it is, for everything else."""
    kind = _plain(data) or _boxed(data) or _framed(data)
    if kind is None:
        raise Undecodable(_refusal(data))
    return kind


def _plain(data: bytes) -> Kind | None:
    for begin, kind in _BEGINS.items():
        if data.startswith(begin):
            return kind if kind is not BMP or _is_bmp(data) else None
    if data[:4] in (b"RIFF", b"RF64"):
        return _RIFF.get(data[8:12])
    if re.match(rb"P[1-6][\s#]", data):
        return PPM
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM if b"webm" in data[:64] else MKV
    return None


def _is_bmp(data: bytes) -> bool:
    """Two letters are little to go by: the size of the second header is asked too."""
    return int.from_bytes(data[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def _boxed(data: bytes) -> Kind | None:
    """Tell the formats that are made of boxes apart by their brand."""
    if data[4:8] != b"ftyp":
        return MOV if data[4:8] in _QUICKTIME_BOXES else None
    brand, brands = data[8:12], data[8 : min(64, int.from_bytes(data[:4], "big"))]
    if brand in (b"avif", b"avis") or (brand in (b"mif1", b"msf1") and b"avif" in brands):
        return AVIF
    if brand[:3] in (b"hei", b"hev", b"mif", b"msf", b"jxl"):
        return None
    return MOV if brand == b"qt  " else MP4


def _framed(data: bytes) -> Kind | None:
    """Know a stream of frames without a header by two frames in a row."""
    start = 0
    if data.startswith(b"ID3") and len(data) > 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    if data[start : start + 4] == b"fLaC":
        return FLAC
    for at in range(start, min(start + (_SYNC_SEARCH if start else 1), len(data) - 3)):
        for kind, length in ((MP3, _mp3_frame(data[at : at + 4])), (AAC, _adts_frame(data[at : at + 6]))):
            following = data[at + length : at + length + 2]
            if length and (following == data[at : at + 2] or len(following) < 2):
                return kind
    return TS if data[:1] == data[188:189] == data[376:377] == b"G" else None


def _mp3_frame(header: bytes) -> int:
    """Return the length of an MPEG layer III frame, 0 if this is none."""
    if header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, step = (header[1] >> 3) & 3, header[2] >> 4, (header[2] >> 2) & 3
    if version == 1 or rate in (0, 15) or step == 3:
        return 0
    is_first = version == 3
    kilobits = (_FIRST if is_first else _SECOND)[rate - 1]
    hertz = (44_100, 48_000, 32_000)[step] >> (0 if is_first else 1 if version == 2 else 2)
    return (144 if is_first else 72) * kilobits * 1000 // hertz + ((header[2] >> 1) & 1)


_FIRST = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_SECOND = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _adts_frame(header: bytes) -> int:
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0


def _refusal(data: bytes) -> str:
    for begin, name in _REFUSED.items():
        if data.startswith(begin):
            return f"not a medium: it is {name}"
    if data[4:8] == b"ftyp":
        return f"not a format that is decoded: an ISO picture of brand {data[8:12].decode('ascii', 'replace')!r}"
    markup = _MARKUP.match(data[:2000].removeprefix(b"\xef\xbb\xbf"))
    if markup:
        name = markup[1].decode().lower()
        words = {"svg": "an SVG drawing, which may refer to other files and hold scripts", "html": "an HTML page"}
        return f"not a medium: it is {words.get(name, 'markup')}"
    if _is_text(data):
        return "not a medium: it is text"
    return f"not a medium: no known format begins with the bytes {data[:8].hex(' ')}"


def _is_text(data: bytes) -> bool:
    if any(byte < 9 or 13 < byte < 32 for byte in data[:1000]):
        return False
    try:
        data[:1000].decode()
    except UnicodeDecodeError as error:
        return error.start > 990
    return True
