import io
import pickle
import zipfile

import pytest

from tasks.media.decode import Undecodable
from tasks.media.decode.sniff import sniff
from tests.tasks.media.made import corners, picture, sound, tone, video, wav


@pytest.mark.parametrize(
    ("form", "mime"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
        ("ICO", "image/x-icon"),
        ("PPM", "image/x-portable-anymap"),
    ],
)
def test_pictures(form, mime):
    assert sniff(picture(corners(), form)) == ("picture", mime, form)


@pytest.mark.parametrize(
    ("form", "codec", "mime", "decoder"),
    [
        ("mp3", "libmp3lame", "audio/mpeg", "mp3"),
        ("flac", "flac", "audio/flac", "flac"),
        ("ogg", "libopus", "video/ogg", "ogg"),
        ("ipod", "aac", "video/mp4", "mov"),
        ("adts", "aac", "audio/aac", "aac"),
    ],
)
def test_sounds(form, codec, mime, decoder):
    data = sound(tone(1, 48_000), form, codec)
    assert sniff(data)[1:] == (mime, decoder)


def test_mp3_without_a_tag_is_known_by_its_frames():
    data = sound(tone(1, 48_000), "mp3", "libmp3lame")
    bare = data[10 + int.from_bytes(data[8:10], "big") :]
    assert bare[:1] == b"\xff"
    assert sniff(bare).decoder == "mp3"


def test_wav():
    assert sniff(wav(tone(1))).mime == "audio/wav"


@pytest.mark.parametrize(
    ("form", "codec", "mime"),
    [
        ("mp4", "libx264", "video/mp4"),
        ("mov", "libx264", "video/quicktime"),
        ("webm", "libvpx", "video/webm"),
        ("matroska", "libx264", "video/x-matroska"),
        ("avi", "mpeg4", "video/x-msvideo"),
        ("mpeg", "mpeg1video", "video/mpeg"),
        ("mpegts", "libx264", "video/mp2t"),
    ],
)
def test_videos(form, codec, mime):
    assert sniff(video([50] * 10, form, codec, fps=25)).mime == mime


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.png", "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<svg onload="x()"/>', "an SVG drawing"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x" "y"><svg:svg/>', "an SVG drawing"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "an HTML page"),
        (b"  <HTML>", "an HTML page"),
        (b"<?xml version='1.0'?><feed/>", "markup"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><svg>&b;</svg>', "an SVG drawing"),
        (b"<!--a-->" * 240 + b"\x01", "text|no known format"),
        (zipped(), "a zip archive"),
        (b"\x1f\x8b\x08\x00", "a gzip archive"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"MZ\x90\x00", "a program"),
        (b"#!/bin/sh\n", "a script"),
        (b"%PDF-1.7", "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript document"),
        (b"#EXTM3U\nfile:///etc/passwd", "a playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd", "a playlist"),
        (pickle.dumps({}), "a Python pickle"),
        (b'{"error": "not found"}', "text"),
        ("Größe".encode() * 200, "text"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heic", "'heic'"),
        (b"BM, a text that begins like a bitmap", "text"),
        (b"\x01\x02\x03\x04\x05\x06\x07\x08\x09", "01 02 03 04 05 06 07 08"),
        (b"\xff", "ff"),
        (b"ID3", "text"),
        (b"RIFF\x00\x00\x00\x00CDDA", "52 49 46 46"),
    ],
)
def test_what_is_no_medium_is_refused_by_name(data, said):
    with pytest.raises(Undecodable, match=said):
        sniff(data)


def test_a_file_that_is_two_things_is_what_it_begins_with():
    assert sniff(picture(corners(), "GIF") + zipped()).mime == "image/gif"
