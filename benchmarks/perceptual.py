"""Measures how many altered copies of pictures, sounds and videos are found, and how many of the found are copies.

    python benchmarks/perceptual.py MEDIA CODECS [PHOTOGRAPHS ...] [--seed 11] [--kinds image,audio,video,speed]

MEDIA is a folder of pictures, sounds and videos, CODECS one of `ref.wav` files beside codecs' copies of them, and
PHOTOGRAPHS are more folders of pictures, such as the data of scikit-image and of scikit-learn. Beside these, 500
pictures, 220 sounds and 100 videos are made, many of which look or sound nearly like another one. All originals and all
their edited copies are matched together: two of one original are copies, any other two are not. Recall is the share
of the copies that were found to be similar to their original; precision is the share of all that were found similar
that are copies. Prints Markdown; ends with exit code 1 if recall is below 0.98 or precision below 0.99.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from markdown import share, table
from perception import pictures, sounds, videos

sys.path.insert(0, str(Path(__file__).parents[1]))
from tasks.match.perceptual.match import PerceptualMatch
from tasks.media.fingerprint.audio import fingerprint_audio
from tasks.media.fingerprint.image import fingerprint_image
from tasks.media.fingerprint.video import fingerprint_video
from tasks.signatures.thumbnail import SIDE, SIZE

RECALL, PRECISION = 0.98, 0.99
PICTURES, SOUNDS, VIDEOS = 500, 220, 100
# A drawn picture gets so many of the edits, a photograph all.
SOME = 6
MANY, BLANK, COPIES = 200_000, 10_000, 20_000


class Planted(NamedTuple):
    """A medium: whose copy it is, by which edit (none is the original), its fingerprint and the seconds that took."""

    family: str
    edit: str
    algorithm: str
    signature: bytes
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", type=Path)
    parser.add_argument("codecs", type=Path)
    parser.add_argument("photographs", type=Path, nargs="*")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--kinds", default="image,audio,video,speed")
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    planted = {
        "image": lambda: planted_pictures([given.media, *given.photographs], rng),
        "audio": lambda: planted_sounds(given.media, given.codecs, rng),
        "video": lambda: planted_videos([given.media, *given.photographs], given.media, rng),
    }
    is_reached = True
    for kind in given.kinds.split(","):
        if kind == "speed":
            print(matching_many(rng), flush=True)
            continue
        told, good = judged(kind, list(planted[kind]()))
        print(told, flush=True)
        is_reached &= good
    sys.exit(0 if is_reached else 1)


def planted_pictures(folders: list[Path], rng: np.random.Generator) -> Iterator[Planted]:
    """Fingerprint photographs, drawn pictures and copies of them."""
    names = list(pictures.EDITS)
    photographs = [(original, names) for original in pictures.photographs(folders)]
    drawn = [
        (original, [name for name in rng.permutation(names)[:SOME] if is_planted(original.family, name)])
        for original in pictures.drawn(PICTURES, rng)
    ]
    for original, edits in [*photographs, *drawn]:
        for edit in ["", *edits]:
            picture = pictures.EDITS[edit](original.picture) if edit else original.picture
            started = time.perf_counter()
            algorithm, signature, _ = fingerprint_image(np.asarray(picture))
            yield Planted(original.name, edit, algorithm, signature, time.perf_counter() - started)


def is_planted(family: str, edit: str) -> bool:
    """Leave out what has no truth: of shapes that differ in colour alone nobody can tell the grey copies apart."""
    return not (family.startswith("recoloured") and edit == "grey")


def planted_sounds(media: Path, codecs: Path, rng: np.random.Generator) -> Iterator[Planted]:
    """Fingerprint recordings, composed sounds and copies of them."""
    for original in [*sounds.recordings(media, codecs), *sounds.composed(SOUNDS, rng)]:
        copies = {f"codec {name}": copy for name, copy in original.copies.items()}
        edited = {name: edit(original.sound) for name, edit in sounds.EDITS.items()}
        for edit, sound in {"": original.sound, **edited, **copies}.items():
            started = time.perf_counter()
            algorithm, signature = fingerprint_audio(sound.samples, sound.rate)
            yield Planted(original.name, edit, algorithm, signature, time.perf_counter() - started)


def planted_videos(folders: list[Path], media: Path, rng: np.random.Generator) -> Iterator[Planted]:
    """Fingerprint scenes, made videos and copies of them."""
    photographs = [original.picture for original in pictures.photographs(folders)]
    for original in [*videos.films(media), *videos.made(VIDEOS, photographs, rng)]:
        for edit in ["", *videos.EDITS]:
            clip = videos.EDITS[edit](original.clip) if edit else original.clip
            frames, times = videos.sampled(clip)
            started = time.perf_counter()
            algorithm, signature = fingerprint_video(frames, times)
            yield Planted(original.name, edit, algorithm, signature, time.perf_counter() - started)


def judged(kind: str, planted: list[Planted]) -> tuple[str, bool]:
    """Match what was planted and compare what was found with the truth."""
    media = pl.DataFrame(planted, schema=list(Planted._fields), orient="row").with_row_index("number")
    media = media.with_columns(media_id=pl.col("number").cast(pl.String).str.zfill(8), kind=pl.lit(kind))
    links = PerceptualMatch()(media.lazy(), media.lazy())["_media_links"]
    about = media.select("media_id", "family", "edit")
    both = links.join(about, left_on="left", right_on="media_id").join(
        about, left_on="right", right_on="media_id", suffix="_right"
    )
    is_true = pl.col("family") == pl.col("family_right")
    right, wrong = both.filter(is_true).height, both.filter(~is_true)
    # One of the two is the original, whose edit is the empty one.
    met = both.filter(is_true, (pl.col("edit") == "") ^ (pl.col("edit_right") == ""))
    found = met.select("family", edit=pl.col("edit") + pl.col("edit_right"), is_found=pl.lit(value=True))
    copies = media.filter(pl.col("edit") != "").join(found, on=["family", "edit"], how="left")
    by_edit = copies.group_by("edit", maintain_order=True).agg(pl.col("is_found").count(), pl.len())
    rows = [[kind, edit, share(hits, count), f"{count:,}"] for edit, hits, count in by_edit.iter_rows()]
    hits, count = copies["is_found"].count(), copies.height
    precision = right / max(1, links.height)
    summary = [
        f"of {media['family'].n_unique():,} originals",
        f"{share(hits, count)}; precision {share(right, links.height)}, {wrong.height:,} of {links.height:,} wrong",
        f"{count:,}",
    ]
    speed = f"{media.height / media['seconds'].sum():,.0f} fingerprints a second of {kind}"
    told = table(["kind", "edit", "found", "copies"], [*rows, [kind, *summary]])
    return f"\n{told}\n\n{speed}\n", hits >= RECALL * count and precision >= PRECISION


def matching_many(rng: np.random.Generator) -> str:
    """Match made-up fingerprints of pictures, many of them blank and many of them copies, and say what it took."""
    import resource

    parts = []
    y, x = np.meshgrid(np.fft.fftfreq(SIDE), np.fft.rfftfreq(SIDE), indexing="ij")
    fall = 1 / np.maximum(np.hypot(x, y), 1 / SIDE)
    for count in np.diff(np.linspace(0, MANY - BLANK - COPIES, 19).astype(int)):
        noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((count, SIDE, SIDE))) * fall, (SIDE, SIDE))
        levels = (128 + 45 * noise / noise.std(axis=(1, 2), keepdims=True)).clip(0, 255)
        tint = np.full((count, SIZE - SIDE * SIDE), 128)
        parts.append(np.concatenate([levels.reshape(count, -1), tint], axis=1).astype(np.uint8))
    some = np.concatenate(parts)
    copies = some[:COPIES].astype(np.int16) + rng.integers(-4, 5, size=(COPIES, SIZE))
    blank = np.full((BLANK, SIZE), 250, np.uint8)
    whole = np.concatenate([some, copies.clip(0, 255).astype(np.uint8), blank])
    media = pl.DataFrame(
        {
            "media_id": [f"{number:08}" for number in range(MANY)],
            "kind": ["image"] * MANY,
            "algorithm": ["thumbnail/1"] * MANY,
            "signature": [row.tobytes() for row in whole],
        }
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    started = time.perf_counter()
    links = PerceptualMatch()(media.lazy(), media.lazy())["_media_links"]
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return (
        f"{MANY:,} fingerprints of pictures, {BLANK:,} blank and {COPIES:,} copies: {links.height:,} links in "
        f"{seconds:,.0f} s; most memory {peak:.1f} GB, {before:.1f} GB of it before matching"
    )


if __name__ == "__main__":
    main()
