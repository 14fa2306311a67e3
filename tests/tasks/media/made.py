"""Media with planted truth, made by the libraries' own encoders."""

import io
import struct
import tempfile
import wave
import zlib

import av
import numpy as np
from PIL import Image

RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)


def corners(width=60, height=40):
    """Red on the left, blue on the right, and a green spot at the top left: no two turns of it look alike."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = RED, BLUE
    pixels[: height // 4, : width // 4] = GREEN
    return pixels


def noise(width, height, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def picture(pixels, form="PNG", **options):
    return saved(Image.fromarray(pixels), form, **options)


def saved(image, form="PNG", **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def animation(count, form="GIF", width=32, height=24, duration=100):
    """Frame i is a bar of i columns, so each frame tells its number."""
    frames = []
    for index in range(count):
        pixels = np.full((height, width, 3), 255, np.uint8)
        pixels[:, : index % width + 1] = (0, 0, 0)
        frames.append(Image.fromarray(pixels))
    return saved(frames[0], form, save_all=True, append_images=frames[1:], duration=duration, loop=0, **LOSSLESS[form])


LOSSLESS = {"GIF": {}, "PNG": {}, "WEBP": {"lossless": True}}


def tone(seconds, rate=16_000, hertz=440.0):
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def wav(samples, rate=16_000):
    """Samples are (n,) or (n, channels)."""
    samples = samples[:, None] if samples.ndim == 1 else samples
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
    return out.getvalue()


def sound(samples, form, codec, rate=48_000):
    return _muxed(form, None, codec, [], samples, 10, rate)


def video(
    levels, form="mp4", codec="libx264", fps=10, size=(64, 48), samples=None, sound_codec="aac", frames=None, **options
):
    """One grey frame for each of `levels`, or the given frames."""
    frames = frames or [np.full((size[1], size[0], 3), level, np.uint8) for level in levels]
    return _muxed(form, codec, None if samples is None else sound_codec, frames, samples, fps, 48_000, **options)


def _muxed(form, codec, sound_codec, frames, samples, fps, rate, *, spoil_sound=False, muxer=None, encoder=None):
    # To move the index to the front, FFmpeg reads the file again.
    out = io.BytesIO() if muxer is None else tempfile.NamedTemporaryFile()  # noqa: SIM115
    with av.open(out if muxer is None else out.name, "w", format=form, options=muxer or {}) as container:
        pictures = heard = None
        if codec:
            pictures = container.add_stream(codec, rate=fps, options=encoder or {})
            pictures.height, pictures.width = frames[0].shape[:2]
            pictures.pix_fmt = "yuv420p"
        if sound_codec:
            heard = container.add_stream(sound_codec, rate=rate, layout="mono")
        for pixels in frames:
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        if pictures:
            container.mux(pictures.encode(None))
        if heard:
            _mux_sound(container, heard, samples, rate, spoil_sound)
    out.seek(0)
    return out.read()


def _mux_sound(container, stream, samples, rate, is_spoiled):
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="fltp", layout="mono")
    frame.rate, frame.pts = rate, 0
    resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 1024)
    chance = np.random.default_rng(0)
    for piece in [*resampler.resample(frame), *resampler.resample(None), None]:
        for packet in stream.encode(piece):
            if is_spoiled:
                spoiled = av.Packet(chance.bytes(packet.size))
                spoiled.stream, spoiled.pts, spoiled.dts = stream, packet.pts, packet.dts
                spoiled.time_base, spoiled.duration = packet.time_base, packet.duration
                container.mux(spoiled)
            else:
                container.mux(packet)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *before, rows=None):
    """A grey PNG written by hand; `rows` are packed as they are, and without them it has no pixels at all."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = b"" if rows is None else chunk(b"IDAT", rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(before) + pixels + chunk(b"IEND", b"")


def blank_rows(width, height):
    """The packed rows of a black picture, without ever holding it."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(width + 1)) for _ in range(height)) + packer.flush()
