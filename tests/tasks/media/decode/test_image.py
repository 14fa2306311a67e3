import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tasks.media.decode import Undecodable
from tasks.media.decode.image import decode_image
from tasks.media.decode.limits import Limits
from tests.tasks.media.made import BLUE, GREEN, RED, blank_rows, chunk, corners, noise, picture, png, saved, wav

LIMITS = Limits()


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM"])
def test_pixels_come_back_as_they_were(form):
    assert np.array_equal(decode_image(picture(noise(31, 17), form), LIMITS), noise(31, 17))


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF", "GIF", "ICO"])
def test_pixels_come_back_nearly_as_they_were(form):
    options = {"sizes": [(60, 40)]} if form == "ICO" else {}
    decoded = decode_image(picture(corners(), form, **options), LIMITS)
    assert decoded.dtype == np.uint8
    for spot, colour in [((2, 2), GREEN), ((35, 10), RED), ((20, 50), BLUE)]:
        assert np.abs(decoded[spot].astype(int) - colour).max() < 25


UNTURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", UNTURNED)
def test_exif_turns_a_picture_upright(orientation, form):
    stored = Image.fromarray(corners()).transpose(UNTURNED[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(decode_image(saved(stored, form, exif=exif), LIMITS), corners())


def test_damaged_exif_says_nothing():
    exif = b"Exif\x00\x00II*\x00\xff\xff\xff\x7f" + b"\xff" * 40
    assert decode_image(picture(corners(), "JPEG", exif=exif), LIMITS).shape == (40, 60, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_shows_white(mode):
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 2, 4))
    form = "TIFF" if mode == "PA" else "PNG"
    data = saved(image.convert("LA" if mode == "PA" else mode), form)
    decoded = decode_image(data, LIMITS)
    assert (decoded[:, :2] == 0).all()
    assert (decoded[:, 2:] == 255).all()


def test_a_transparent_palette_shows_white():
    image = Image.new("P", (2, 1), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    assert decode_image(saved(image, transparency=0), LIMITS).tolist() == [[[255] * 3, [40, 50, 60]]]


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_become_eight(form):
    deep = Image.fromarray(np.array([[0, 256, 0x8000, 0xFFFF]], np.uint16))
    assert decode_image(saved(deep, form), LIMITS)[0, :, 0].tolist() == [0, 1, 128, 255]


def test_fractions_are_shares_of_white():
    grey = Image.fromarray(np.array([[0, 0.5, 1]], np.float32))
    assert decode_image(saved(grey, "TIFF"), LIMITS)[0, :, 1].tolist() == [0, 128, 255]


def test_wide_fractions_are_spread_over_their_range():
    wide = Image.fromarray(np.array([[-100, 0, 100]], np.float32))
    assert decode_image(saved(wide, "TIFF"), LIMITS)[0, :, 1].tolist() == [0, 128, 255]


def test_cmyk_becomes_rgb():
    decoded = decode_image(saved(Image.fromarray(corners()).convert("CMYK"), "JPEG", quality=95), LIMITS)
    assert np.abs(decoded[35, 10].astype(int) - RED).max() < 30


@pytest.mark.parametrize(
    ("shape", "size", "wanted"),
    [((400, 200), 50, (50, 100)), ((200, 400), 50, (100, 50)), ((40, 60), 50, (60, 40)), ((4000, 2), 1, (1, 2000))],
)
def test_size_is_that_of_the_shorter_side_and_never_grows(shape, size, wanted):
    for form in ("PNG", "JPEG"):
        assert decode_image(picture(noise(*shape), form), LIMITS, size).shape[:2] == wanted


def test_a_scaled_picture_looks_like_the_whole():
    small = decode_image(picture(corners(1200, 800), "JPEG"), LIMITS, 40).astype(int)
    assert np.abs(small - corners())[[5, 35, 20], [5, 10, 50]].max() < 25


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty: it has no bytes"),
        (b"\x89PNG\r\n\x1a\n", "truncated"),
        (png(60_000, 60_000), r"too large: 3,600,000,000 pixels are more than 40,000,000"),
        (png(12_000, 12_000), r"too large: 144,000,000 pixels are more than 40,000,000"),
        (png(40_000_001, 1), r"too large: 40,000,001 pixels|too large: 40,000,001 x 1"),
        (png(0, 10), "broken"),
        (wav(np.zeros(100)), "not a picture: it is audio/wav"),
        (b"<svg/>", "an SVG drawing"),
    ],
)
def test_a_sentence_says_why_not(data, said):
    with pytest.raises(Undecodable, match=said):
        decode_image(data, LIMITS)


def test_a_picture_as_large_as_the_limit_is_decoded():
    assert decode_image(picture(noise(20, 10)), Limits(max_pixels=200)).shape == (10, 20, 3)
    with pytest.raises(Undecodable, match="200 pixels are more than 199"):
        decode_image(picture(noise(20, 10)), Limits(max_pixels=199))


def test_too_many_bytes_are_not_looked_at():
    with pytest.raises(Undecodable, match="it has 101 bytes, more than 100"):
        decode_image(bytes(101), Limits(max_bytes=100))


def test_packed_text_is_bounded():
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(50 << 20), 9))
    with pytest.raises(Undecodable, match="text or colour profile in it unpacks to too much"):
        decode_image(png(4, 4, text, rows=blank_rows(4, 4)), LIMITS)


def test_a_packed_colour_profile_is_bounded():
    profile = chunk(b"iCCP", b"name\x00\x00" + zlib.compress(bytes(30 << 20), 9))
    with pytest.raises(Undecodable, match="text or colour profile in it unpacks to too much"):
        decode_image(png(4, 4, profile, rows=blank_rows(4, 4)), LIMITS)


def test_a_colour_profile_of_14_megabytes_is_only_carried():
    profile = np.random.default_rng(0).bytes(14 << 20)
    data = picture(corners(), "TIFF", icc_profile=profile)
    assert decode_image(data, LIMITS).shape == (40, 60, 3)


def test_an_icon_is_bound_by_what_is_inside_it():
    inside = png(12_000, 12_000, rows=b"")
    icon = struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(inside), 22) + inside
    with pytest.raises(Undecodable, match="144,000,000 pixels"):
        decode_image(icon, LIMITS)


def test_pillow_is_left_as_it_was():
    before = Image.MAX_IMAGE_PIXELS
    decode_image(picture(corners()), LIMITS)
    with pytest.raises(Undecodable):
        decode_image(png(60_000, 60_000), LIMITS)
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF"])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97])
def test_a_truncated_picture_is_found(form, share):
    data = picture(noise(64, 64), form)
    with pytest.raises(Undecodable):
        decode_image(data[: int(len(data) * share)], LIMITS)
