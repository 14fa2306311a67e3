"""Videos: shapes in motion that are asked for, in an archive beside the rows, and what happens to videos.

Each function plants one kind of thing. Ids say the kind, so that a reader can follow a row.
"""

from __future__ import annotations

import numpy as np

from tasks.demo.media.clips import Clip
from tasks.demo.media.encode import Pixels, as_mp4, resized
from tasks.demo.media.gallery import Gallery, clip_hint
from tasks.demo.truth import Defect, Planted, Row

SOURCE = "videos"
SIDE = 96
FRAMES = 32
_LATER = 8

Files = dict[str, bytes]


def video_fits(gallery: Gallery, count: int) -> Planted:
    """Plant prompts with the clip that was asked for and another one."""
    found = [_row(f"video-fits-{at:04d}", gallery.clip(), gallery) for at in range(count)]
    return _planted(found, [Defect("video_fits", SOURCE, [row["id"]], "kept", 1) for row, _ in found])


def frozen_video(gallery: Gallery, count: int) -> Planted:
    """Plant clips in which nothing moves."""
    found = []
    for at in range(count):
        clip = gallery.clip()
        still = np.repeat(_drawn(clip)[FRAMES // 2][None], FRAMES, axis=0)
        found.append(_row(f"frozen-video-{at:04d}", clip, gallery, as_mp4(still)))
    return _planted(found, [Defect("frozen_video", SOURCE, [row["id"]], "frozen") for row, _ in found])


def video_again(kind: str, gallery: Gallery, count: int) -> Planted:
    """Plant clips that come back in a row of their own: re-encoded at a smaller size, or without their first second."""
    found, defects = [], []
    for at in range(count):
        clip, name = gallery.clip(), f"{kind.replace('_', '-')}-{at:04d}"
        frames = _drawn(clip)
        again = _small(frames) if kind == "video_reencoded" else as_mp4(frames[_LATER:])
        first = _row(name, clip, gallery)
        second, files = _row(f"{name}-second", clip, gallery, again)
        found += [first, (second | {"prompt": clip_hint(clip)}, files)]
        defects.append(Defect(kind, SOURCE, [name, second["id"]], "linked", 1))
    return _planted(found, defects)


def video_lookalike(gallery: Gallery, count: int) -> Planted:
    """Plant clips of the same thing that moves another way: nothing ties them together."""
    found, defects = [], []
    for at in range(count):
        one, two = gallery.clips()
        name = f"video-lookalike-{at:04d}"
        found += [_row(name, one, gallery), _row(f"{name}-second", two, gallery)]
        defects.append(Defect("video_lookalike", SOURCE, [name, f"{name}-second"], "apart", 1))
    return _planted(found, defects)


def misnamed_video(gallery: Gallery, count: int) -> Planted:
    """Plant MP4 files that are called .wav: they are what they are."""
    found = []
    for at in range(count):
        row, files = _row(f"misnamed-video-{at:04d}", gallery.clip(), gallery)
        other = row["chosen"].replace(".mp4", ".wav")
        found.append((row | {"chosen": other}, {other: files.pop(row["chosen"]), **files}))
    return _planted(found, [Defect("misnamed_video", SOURCE, [row["id"]], "kept", 1) for row, _ in found])


def truncated_video(gallery: Gallery, count: int) -> Planted:
    """Plant clips of which the second half of the bytes is missing, and with it the list of what is where."""
    found = []
    for at in range(count):
        clip = gallery.clip()
        whole = as_mp4(_drawn(clip))
        found.append(_row(f"truncated-video-{at:04d}", clip, gallery, whole[: len(whole) // 2]))
    return _planted(found, [Defect("truncated_video", SOURCE, [row["id"]], "unreadable: broken") for row, _ in found])


def _row(name: str, clip: Clip, gallery: Gallery, chosen: bytes | None = None) -> tuple[Row, Files]:
    sides = {"chosen": f"{name}-a.mp4", "rejected": f"{name}-b.mp4"}
    shown = as_mp4(_drawn(clip)) if chosen is None else chosen
    files = {sides["chosen"]: shown, sides["rejected"]: as_mp4(_drawn(gallery.clip()))}
    return {"id": name, "prompt": f"a video of {clip.caption}", **sides}, files


def _planted(found: list[tuple[Row, Files]], defects: list[Defect]) -> Planted:
    return Planted(
        [row for row, _ in found], defects, {name: data for _, files in found for name, data in files.items()}
    )


def _drawn(clip: Clip) -> Pixels:
    return clip.frames(FRAMES, SIDE)


def _small(frames: Pixels) -> bytes:
    return as_mp4(np.stack([resized(frame, 2 / 3) for frame in frames]), crf=32)
