"""Sounds and videos, by FFmpeg: opened from memory so that nothing else can be opened."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

import av
from av.container import InputContainer
from av.error import FFmpegError

from tasks.media.decode import Undecodable
from tasks.media.decode.limits import Limits
from tasks.media.decode.sniff import Kind, sniff

# A header rounds, and codecs pad the first and the last packet: so much less than promised is not a loss.
_SLACK_SHARE = 0.02
_SLACK_SECONDS = 0.25
_UNKNOWN_WAV = 0x7FFFF000


class Opened(NamedTuple):
    """A container, what it is, and its streams of pictures and of sound, if it has them."""

    kind: Kind
    container: InputContainer
    pictures: Any
    sound: Any


@contextmanager
def streams(data: bytes, limits: Limits) -> Iterator[Opened]:
    """Open a sound or a video for its real format only.

    Whatever FFmpeg raises inside the block is raised as `Undecodable`.
    """
    limits.check_bytes(len(data))
    kind = sniff(data)
    if kind.family == "picture":
        raise Undecodable(f"not a sound or a video: it is {kind.mime}")
    options = {
        "threads": "1",
        "max_pixels": str(limits.max_pixels),
        "protocol_whitelist": "none",
        "format_whitelist": _FORMATS.get(kind.decoder, kind.decoder),
    }
    try:
        with av.open(
            io.BytesIO(data),
            mode="r",
            format=kind.decoder,
            options=options,
            metadata_errors="replace",
            io_open=_refuse,
        ) as container:
            yield Opened(kind, container, _pictures(container), _sound(container))
    except (Undecodable, MemoryError):
        raise
    except FFmpegError as error:
        said = (error.strerror or str(error)).strip().partition("\n")[0]
        raise Undecodable(f"broken: FFmpeg says {said[:200]!r}") from error
    except Exception as error:  # a foreign file provokes more kinds of error than FFmpeg has
        raise Undecodable(f"broken: {type(error).__name__}: {str(error)[:200]}") from error


# FFmpeg compares whole names, and some demuxers have many.
_FORMATS = {"mov": "mov,mp4,m4a,3gp,3g2,mj2", "matroska": "matroska,webm"}


def _refuse(*_asked: object) -> NoReturn:
    raise Undecodable("refused: it asks for another file to be opened")


def _pictures(container: InputContainer) -> Any:
    """The first stream of pictures that is not a cover."""
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic and stream.codec_context is not None:
            stream.codec_context.thread_count = 1
            return stream
    return None


def _sound(container: InputContainer) -> Any:
    for stream in container.streams.audio:
        if stream.codec_context is not None:
            stream.codec_context.thread_count = 1
            return stream
    return None


def promised_seconds(opened: Opened, data: bytes) -> float | None:
    """Return how long the header says it plays, where a header says so itself and FFmpeg does not merely estimate."""
    decoder = opened.kind.decoder
    if decoder == "wav":
        return _wav_seconds(data, opened.sound)
    if decoder == "avi" and opened.pictures is not None and opened.pictures.average_rate:
        return float(opened.pictures.frames / opened.pictures.average_rate)
    has_tag = decoder == "mp3" and any(tag in data[: 1 << 20] for tag in (b"Xing", b"Info", b"VBRI"))
    if (has_tag or decoder in ("flac", "matroska")) and opened.container.duration:
        return opened.container.duration / av.time_base
    return None


def _wav_seconds(data: bytes, stream: Any) -> float | None:
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            rate = stream.codec_context.bit_rate if stream is not None else None
            # Who writes into a pipe cannot know the length, and says so by a number that cannot be.
            return size * 8 / rate if rate and size < _UNKNOWN_WAV else None
        at += 8 + size + size % 2
    return None


def check_whole(promised: float | None, seconds: float) -> None:
    """Refuse what plays for notably less time than its header promises."""
    if promised is not None and promised - seconds > max(_SLACK_SECONDS, promised * _SLACK_SHARE):
        raise Undecodable(f"truncated: it promises {promised:,.1f} seconds and holds {seconds:,.1f}")


def check_ending(opened: Opened, data: bytes) -> None:
    """Refuse an Ogg file that ends within a page, and a Matroska file that is shorter than it says."""
    if opened.kind.decoder == "ogg":
        _check_page(data)
    elif opened.kind.decoder == "matroska":
        _check_segment(data)


def _check_segment(data: bytes) -> None:
    at = data.find(b"\x18\x53\x80\x67", 0, 4096) + 4
    if at < 4 or at >= len(data) or not data[at]:
        return
    width = 9 - data[at].bit_length()
    size = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    is_known = size != (1 << 7 * width) - 1
    if is_known and at + width + size > len(data):
        raise Undecodable("truncated: the file is shorter than its header says")


def _check_page(data: bytes) -> None:
    last = data.rfind(b"OggS")
    page = data[last:]
    if len(page) < 27 or len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]]):
        raise Undecodable("truncated: its last page is not complete")
