"""Pictures, by Pillow: one RGB array, however they are stored."""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tasks.media.decode import Pixels, Undecodable
from tasks.media.decode.limits import Limits
from tasks.media.decode.sniff import sniff

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode_image(data: bytes, limits: Limits, size: int | None = None) -> Pixels:
    """Decode a picture to RGB, uint8 (h, w, 3), as it is meant to be seen: turned as EXIF says, on white.

    Of an animated picture this is the first frame, of a file of several pages the first page. 16 bits become 8; colour
    profiles are not applied. With `size`, a larger picture is scaled down until its shorter side has so many pixels.
    Raises `Undecodable`.
    """
    with opened(data, limits) as image:
        if size is not None:
            image.draft(None, _scaled(image.size, size))
        image.load()
        return np.array(shrunk(rgb(upright(image)), size))


@contextmanager
def opened(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    """Open a picture with the decoder of its real format, its size checked before anything is unpacked.

    Whatever Pillow raises inside the block is raised as `Undecodable`.
    """
    limits.check_bytes(len(data))
    kind = sniff(data)
    if kind.family != "picture":
        raise Undecodable(f"not a picture: it is {kind.mime}")
    with _said(limits), _bounded(limits), _image(data, kind.decoder) as image:
        limits.check_size(*image.size)
        if kind.decoder == "WEBP" and int.from_bytes(data[4:8], "little") + 8 > len(data):
            raise Undecodable("truncated: the file is shorter than its header says")
        yield image


def _image(data: bytes, decoder: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=[decoder])
    except UnidentifiedImageError:
        # Pillow keeps to itself why the only decoder that was asked would not take it.
        Image.OPEN[decoder][0](io.BytesIO(data), "")
        raise


def upright(image: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF data say; damaged EXIF data say nothing."""
    orientation = None
    with suppress(Exception):
        orientation = image.getexif().get(_ORIENTATION)
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def rgb(image: Image.Image) -> Image.Image:
    """Bring a picture of any mode to RGB, on white where it is transparent."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def shrunk(image: Image.Image, size: int | None) -> Image.Image:
    """Scale a picture down, never up, until its shorter side has `size` pixels."""
    wanted = image.size if size is None else _scaled(image.size, size)
    return image if wanted == image.size else image.resize(wanted, Image.Resampling.BICUBIC)


def scaled(width: int, height: int, size: int | None) -> tuple[int, int]:
    """Return the width and height at which the shorter side has `size` pixels; a smaller picture keeps its own."""
    return (width, height) if size is None else _scaled((width, height), size)


def _scaled(shape: tuple[int, int], size: int) -> tuple[int, int]:
    factor = min(1.0, size / min(shape))
    return max(1, round(shape[0] * factor)), max(1, round(shape[1] * factor))


def _eight_bits(deep: NDArray[np.generic]) -> Pixels:
    """Bring grey values of more than 8 bits to 8: integers count as 16 bits, wider ones are spread over their range."""
    low, high = float(np.nanmin(deep)), float(np.nanmax(deep))
    if not np.isfinite([low, high]).all():
        raise Undecodable("broken: its grey values are not all numbers")
    if deep.dtype.kind in "ui" and low >= 0 and high <= 0xFFFF:
        return np.asarray(deep.astype(np.uint16) >> 8, np.uint8)
    if deep.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    spread = (np.nan_to_num(deep.astype(np.float32)) - low) / max(high - low, 1e-30)
    return np.asarray(np.clip(np.rint(spread * 255), 0, 255), np.uint8)


@contextmanager
def _bounded(limits: Limits) -> Iterator[None]:
    """Lower Pillow's own limit, which also guards what is packed inside a picture, and make its warning an error."""
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = limits.max_pixels
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


@contextmanager
def _said(limits: Limits) -> Iterator[None]:
    """Turn whatever a decoder raises into a sentence."""
    try:
        yield
    except (Undecodable, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        count = re.search(r"\d+", str(error))
        has = f"{int(count[0]):,} pixels" if count else "its pixels"
        raise Undecodable(f"too large: {has} are more than {limits.max_pixels:,}") from error
    except Exception as error:  # a foreign file provokes more kinds of error than Pillow documents
        raise Undecodable(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError) or "not identified" in str(error):
        return "broken: its header cannot be read"
    said = str(error).strip().partition("\n")[0][:200] or type(error).__name__
    if "truncat" in said.lower() or isinstance(error.__cause__ or error, EOFError | struct.error):
        return "truncated: the picture ends before it is complete"
    if "MAX_TEXT" in said:
        return "too large: a text or colour profile in it unpacks to too much"
    return f"broken: {said}"
