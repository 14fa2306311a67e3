"""Measures the pass over pictures on a GPU: ViT-B/32 in bfloat16, with random weights, from JPEGs of 512 x 512.

    python benchmarks/gpu.py [--pictures 4096] [--batch 256] [--workers 16]

Three rows, each the best of three: how fast the processors unpack and prepare pictures, which is the limit of any pass;
how fast the model sees pictures that are prepared already; and both together, the processors a batch ahead of the
model. Ends with exit code 2, and says so, where there is no GPU.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tasks.models.preparation import Picture, Preparation

if TYPE_CHECKING:
    from tasks.embed.image_text.model import ImageText

SIDE = 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=4096)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    import torch

    if not torch.cuda.is_available():
        print("there is no GPU here: nothing was measured")
        sys.exit(2)
    with tempfile.TemporaryDirectory(prefix="gpu-") as folder:
        _measure(given, Path(folder), torch.cuda.get_device_name())


def _measure(given: argparse.Namespace, folder: Path, device: str) -> None:
    from looking import ARCHITECTURE, as_jpeg, draw, save_model

    from tasks.embed.image_text.model import load_image_text
    from tasks.models.open_clip import preparation_of

    weights = save_model(folder)
    preparation = preparation_of(weights, None)
    packed = [as_jpeg(picture) for picture in draw(64, SIDE)]
    jpegs = [packed[number % len(packed)] for number in range(given.pictures)]
    encoder = load_image_text(weights, None, preparation)
    with ProcessPoolExecutor(given.workers, mp_context=get_context("spawn")) as pool:

        def unpacked() -> Iterator[Picture]:
            return pool.map(partial(unpack, preparation=preparation), jpegs, chunksize=16)

        prepared = list(unpacked())
        encoder.encode_pictures(prepared[: given.batch], given.batch)
        rows = {
            f"{given.workers} processes unpack and prepare": lambda: sum(1 for _ in unpacked()),
            "the model sees prepared pictures": lambda: encoder.encode_pictures(prepared, given.batch),
            "both together": lambda: _see_all(encoder, unpacked(), given.batch),
        }
        print(f"{ARCHITECTURE}, bfloat16, {device}; {given.pictures:,} JPEGs of {SIDE} x {SIDE}")
        for name, work in rows.items():
            print(f"{name:<40} {given.pictures / min(_timed(work) for _ in range(3)):10,.0f} pictures a second")


def _see_all(encoder: ImageText, pictures: Iterator[Picture], batch: int) -> None:
    while part := list(islice(pictures, batch)):
        encoder.encode_pictures(part, batch)


def unpack(jpeg: bytes, preparation: Preparation) -> Picture:
    """Do to a picture what can be done without a model."""
    with Image.open(io.BytesIO(jpeg)) as opened:
        return preparation.prepare(np.asarray(opened.convert("RGB")))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
