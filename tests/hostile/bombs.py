"""Media made to break whoever decodes them, each with what is to be said of it; None where it does no harm."""

import gzip
import io
import struct
import zipfile
import zlib

import numpy as np

from tests.tasks.media.made import (
    animation,
    blank_rows,
    chunk,
    corners,
    noise,
    picture,
    png,
    sound,
    tone,
    video,
    wav,
)

BEYOND_PIXELS = r"^too large: [\d,]+ (x [\d,]+ )?pixels are more than 40,000,000$"


def gif(count, width, height):
    """Frames of a handful of bytes each."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    return screen + frame * count + b"\x3b"


def apng(count):
    """A still picture that claims to have `count` frames."""
    return png(8, 8, chunk(b"acTL", struct.pack(">II", count, 0)), rows=blank_rows(8, 8))


def exif_loop():
    """A directory of EXIF data that names itself as the next one, with counts beyond all bounds."""
    entry = struct.pack("<HHII", 0x0112, 3, 0xFFFFFFFF, 8)
    loop = b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", 3) + entry * 3 + struct.pack("<I", 8)
    return picture(corners(), "JPEG", exif=loop)


def tiff_loop():
    """A page that is followed by itself."""
    data = bytearray(picture(corners(), "TIFF"))
    first = int.from_bytes(data[4:8], "little")
    end = first + 2 + 12 * int.from_bytes(data[first : first + 2], "little")
    data[end : end + 4] = first.to_bytes(4, "little")
    return bytes(data)


def with_icc(megabytes):
    """A JPEG with a colour profile in as many segments as one may have."""
    data = picture(corners(), "JPEG")
    count = min(255, megabytes * 16)
    segments = [
        b"\xff\xe2\xff\xff" + b"ICC_PROFILE\x00" + bytes([index + 1, count]) + bytes(65_519) for index in range(count)
    ]
    return data[:2] + b"".join(segments) * 2 + data[2:]


def zipped(data, depth=1):
    for _ in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a", data)
        data = out.getvalue()
    return data


def patched(data, box, offset, value):
    """Change four bytes of a box of an MP4 file."""
    at = data.index(box) + offset
    return data[:at] + value.to_bytes(4, "big") + data[at + 4 :]


def hour_long_flac():
    """The number of samples in the header, 36 bits, is that of some hours."""
    data = bytearray(sound(tone(2, 48_000), "flac", "flac"))
    data[21] |= 0x0F
    return bytes(data)


MP4 = video([50, 90] * 10)
TEXT = zlib.compress(bytes(1 << 20), 9)

BOMBS = {
    "PNG of 12k x 12k": (lambda: png(12_000, 12_000, rows=blank_rows(12_000, 12_000)), BEYOND_PIXELS),
    "PNG header of 60k x 60k": (lambda: png(60_000, 60_000), BEYOND_PIXELS),
    "PNG header of 2^31 pixels a side": (lambda: png(2**31 - 1, 2**31 - 1), BEYOND_PIXELS),
    "BMP header of 60k x 60k": (
        lambda: b"BM" + struct.pack("<IIIIiiHH", 54, 0, 54, 40, 60_000, 60_000, 1, 24) + bytes(24),
        BEYOND_PIXELS,
    ),
    "PPM header of 100k x 100k": (lambda: b"P6 100000 100000 255\n", BEYOND_PIXELS),
    "PPM header without end": (lambda: b"P6 " + b"9" * 1_000_000, "^broken"),
    "GIF of 40k frames": (lambda: gif(40_000, 1, 1), "^too long: it has more than 36,000 frames"),
    "GIF of large frames": (lambda: gif(3000, 5000, 5000), "^too large: its 3,000 frames unpack to more than 200"),
    "GIF frame beyond its screen": (
        lambda: gif(1, 1, 1)[:-1] + gif(1, 60_000, 60_000)[19:],
        BEYOND_PIXELS,
    ),
    "APNG of a thousand million frames": (lambda: apng(10**9), "^too long"),
    "APNG of a thousand frames that are not there": (lambda: apng(1000), "^broken|^truncated"),
    "WebP header of 16k x 16k": (
        lambda: b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00\x00\x00\x00"
        + b"\xff\x3f\x00" * 2 + b"VP8L" + struct.pack("<I", 0),
        "^broken|^too large|^truncated",
    ),
    "icon with a bomb inside": (
        lambda: struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, 45, 22) + png(12_000, 12_000),
        BEYOND_PIXELS,
    ),
    "colour profile that unpacks to 300 MB": (
        lambda: png(4, 4, chunk(b"iCCP", b"n\x00\x00" + zlib.compress(bytes(300 << 20), 9)), rows=blank_rows(4, 4)),
        "^too large: a text or colour profile",
    ),
    "colour profile of 30 MB": (lambda: with_icc(15), None),
    "text that unpacks to 100 times a megabyte": (
        lambda: png(4, 4, *[chunk(b"zTXt", b"k%d\x00\x00" % n + TEXT) for n in range(100)], rows=blank_rows(4, 4)),
        "^too large: a text",
    ),
    "EXIF data in a loop": (exif_loop, None),
    "TIFF pages in a loop": (tiff_loop, None),
    "SVG that names a file": (
        lambda: b'<?xml version="1.0"?><svg xmlns:x="y"><image x:href="file:///etc/passwd"/></svg>',
        "an SVG drawing",
    ),
    "XML of a thousand million laughs": (
        lambda: b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
        "an SVG drawing|markup",
    ),
    "zip of a thousand times": (lambda: zipped(bytes(50 << 20)), "a zip archive"),
    "zip in zip in zip": (lambda: zipped(picture(corners()), 3), "a zip archive"),
    "gzip of a thousand times": (lambda: gzip.compress(bytes(50 << 20)), "a gzip archive"),
    "playlist that names a file": (lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a playlist"),
    "concat script that names a file": (lambda: b"ffconcat version 1.0\nfile /etc/passwd\n", "a playlist"),
    "session description": (lambda: b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n", "text"),
    "picture with a zip behind it": (lambda: picture(corners()) + zipped(b"x"), None),
    "picture with a page in its comment": (lambda: picture(corners(), "JPEG", comment=b"<script>x()</script>"), None),
    "document with a picture in it": (lambda: b"%PDF-1.7\n" + picture(corners(), "JPEG"), "a PDF document"),
    "WAV that promises an hour": (
        lambda: wav(tone(1))[:40] + struct.pack("<I", 3600 * 32_000) + wav(tone(1))[44:],
        "^truncated: it promises 3,600",
    ),
    "FLAC that promises hours": (hour_long_flac, "^truncated: it promises"),
    "WAV of too many channels": (lambda: wav(tone(1))[:22] + b"\xff\xff" + wav(tone(1))[24:], "^broken|^empty"),
    "WAV of a rate beyond bounds": (
        lambda: wav(tone(1))[:24] + b"\xff\xff\xff\x7f" + wav(tone(1))[28:],
        "^broken|^empty|^truncated",
    ),
    "MP3 behind 20 MB of tags": (
        lambda: b"ID3\x04\x00\x00" + bytes([9, 64, 0, 0]) + bytes(9 << 21 | 64 << 14)
        + sound(tone(1, 48_000), "mp3", "libmp3lame"),
        None,
    ),
    "MP4 of a false duration": (lambda: patched(patched(MP4, b"mvhd", 20, 10**9), b"mdhd", 20, 10**9), None),
    "MP4 whose frames last for years": (lambda: patched(MP4, b"stts", 16, 2**31 - 1), "^too long|^truncated"),
    "MP4 of 2^31 samples": (lambda: patched(MP4, b"stsz", 12, 2**31 - 1), "^truncated|^broken|^too long|^empty"),
    "MP4 with a box of 2^31 bytes": (lambda: patched(MP4, b"moov", -4, 2**31 - 1), None),
    "AVI header of 65k x 65k": (
        lambda: video([50] * 5, "avi", "mpeg4").replace(
            struct.pack("<II", 64, 48), struct.pack("<II", 65_535, 65_535)
        ),
        None,
    ),
    "empty file": (lambda: b"", "^empty"),
    "random bytes": (lambda: np.random.default_rng(0).bytes(100_000), "^not a medium"),
    "nothing but zeros": (lambda: bytes(100_000), "^not a medium"),
}  # fmt: skip

WHOLE = {
    "png": lambda: picture(noise(24, 24)),
    "jpeg": lambda: picture(noise(24, 24), "JPEG"),
    "tiff": lambda: picture(noise(24, 24), "TIFF", compression="tiff_lzw"),
    "avif": lambda: picture(noise(24, 24), "AVIF"),
    "bmp": lambda: picture(noise(24, 24), "BMP"),
    "gif": lambda: animation(6),
    "apng": lambda: animation(6, "PNG"),
    "webp": lambda: animation(6, "WEBP"),
    "wav": lambda: wav(tone(0.3)),
    "mp3": lambda: sound(tone(1, 48_000), "mp3", "libmp3lame"),
    "flac": lambda: sound(tone(1, 48_000), "flac", "flac"),
    "ogg": lambda: sound(tone(1, 48_000), "ogg", "libopus"),
    "m4a": lambda: sound(tone(1, 48_000), "ipod", "aac"),
    "mp4": lambda: video([50, 90] * 5, samples=tone(1, 48_000)),
    "webm": lambda: video([50, 90] * 5, "webm", "libvpx", samples=tone(1, 48_000), sound_codec="libopus"),
    "avi": lambda: video([50, 90] * 5, "avi", "mpeg4"),
    "mpeg": lambda: video([50, 90] * 5, "mpeg", "mpeg1video", fps=25),
}
