"""`python -m training.tiny.pack --coca DIR --whisper DIR --quality FILE`: put the trained models into the one archive.

Spoken samples, of sentences and partly of voices that no training used, go with them: espeak-ng need not be there where
the models are used. The same models give the same archive.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Annotated

import av
import numpy as np
import typer
import zstandard
from numpy.typing import NDArray

from training.tiny.speech.voices import RATE, make_utterances

PLACE = Path("warehouse/tiny")
_LEVEL = 19
_SAMPLES = 60


def pack(coca: Path, whisper: Path, quality: Path, place: Path = PLACE) -> Path:
    """Write `winnow-tiny.tar.zst` to `place`, and the measured quality beside it; return the archive."""
    told = quality.read_bytes()
    members = {"QUALITY.json": told, **_files("coca", coca), **_files("whisper", whisper), **_samples()}
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, data in sorted(members.items()):
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    packed = place / "winnow-tiny.tar.zst"
    packed.write_bytes(zstandard.ZstdCompressor(level=_LEVEL).compress(plain.getvalue()))
    (place / "QUALITY.json").write_bytes(told)
    return packed


def _files(name: str, folder: Path) -> dict[str, bytes]:
    return {f"{name}/{file.name}": file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}


def _samples() -> dict[str, bytes]:
    """Say unseen sentences, half of them in unheard voices, as FLAC, and write down what was said."""
    spoken = [
        *make_utterances(_SAMPLES // 2, seed=3, seen=False),
        *make_utterances(_SAMPLES // 2, seed=3, seen=False, heard=False),
    ]
    names = [f"{number:02d}.flac" for number in range(len(spoken))]
    said = {name: each.sentence for name, each in zip(names, spoken, strict=True)}
    files = {f"samples/{name}": flac(each.samples) for name, each in zip(names, spoken, strict=True)}
    return {**files, "samples/sentences.json": (json.dumps(said, indent=1) + "\n").encode()}


def flac(samples: NDArray[np.float32]) -> bytes:
    """Encode mono sound at 16 kHz without loss of what 16 bits hold."""
    coded = io.BytesIO()
    with av.open(coded, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono")
        whole = np.clip(samples * 32767, -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return coded.getvalue()


def main(
    coca: Annotated[Path, typer.Option()],
    whisper: Annotated[Path, typer.Option()],
    quality: Annotated[Path, typer.Option()],
) -> None:
    """Pack the models that were trained and measured."""
    packed = pack(coca, whisper, quality)
    typer.echo(f"{packed}: {packed.stat().st_size:,} bytes")


if __name__ == "__main__":
    typer.run(main)
