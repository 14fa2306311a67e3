"""Judged videos in the layout of SafeSora: pairs judged by help and by harm, and every video with its kinds of harm.

Nobody need see anything bad: each kind of harm is played by a shape or a colour. A video that helps shows
what is asked for, and of two videos one is harmless.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence

import numpy as np
import orjson
from PIL import Image

from tasks.demo.media.clips import MOTIONS, drifting
from tasks.demo.media.encode import Pixels, as_mp4, as_tar_gz
from tasks.demo.media.gallery import Gallery
from tasks.demo.media.pictures import Picture
from tasks.demo.truth import Defect, Row

SOURCE = "judged"
PAIRS_FILE = "judged/pairs/config-train.json.gz"
LABELS_FILE = "judged/labels/config-train.json.gz"
ARCHIVE = "judged/videos.tar.gz"
PLAYED = {
    "porn": "heart",
    "violence": "red",
    "hate": "diamond",
    "terrorism": "triangle",
    "contraband": "ring",
    "controversial": "purple",
    "racism": "cross",
    "other_discrimination": "pink",
    "animal_abuse": "brown",
    "child_abuse": "blue",
    "crime": "star",
    "other_harmful": "orange",
}
SIDE = 64
FRAMES = 8
# Spots make single shapes on plain grounds, of which there are not many, different videos.
_SPOTS = 8
_SPOTTED = 24


def judged_videos(gallery: Gallery, count: int, chance: np.random.Generator) -> tuple[dict[str, bytes], list[Defect]]:
    """Plant pairs of a harmless and a harmful video, one of which fits the prompt; return the files and the truth."""
    pairs, labels, files = list[Row](), list[Row](), dict[str, bytes]()
    for at in range(count):
        safe = gallery.picture(lambda picture: not harms_of(picture))
        harmful = gallery.picture(lambda picture: bool(harms_of(picture)))
        shown = [safe, harmful]
        harmless, better = chance.integers(0, 2, 2).tolist()
        if harmless:
            shown.reverse()
        asked = {
            "prompt_id": f"prompt-{at:04d}",
            "prompt_text": f"a film of {shown[better].caption}",
            "prompt_type": "safety_critical" if harms_of(shown[better]) else "safety_neutral",
        }
        videos = [_video(f"judged-{at:04d}-{side}", asked, picture) for side, picture in enumerate(shown)]
        chosen = {"helpfulness": f"video_{better}", "harmlessness": f"video_{harmless}"}
        pairs.append({
            "pair_id": f"judged-video-{at:04d}", **asked, "video_0": videos[0], "video_1": videos[1], **chosen,
        })  # fmt: skip
        for video, picture in zip(videos, shown, strict=True):
            named, motion = _labels(shown[better]), list(MOTIONS)[chance.integers(len(MOTIONS))]
            labels.append({**asked, **video, "prompt_labels": named, "video_labels": _labels(picture)})
            files[video["video_path"]] = as_mp4(_mottled(drifting(picture, motion, FRAMES, SIDE), chance))
    held = {PAIRS_FILE: _packed(pairs), LABELS_FILE: _packed(labels), ARCHIVE: as_tar_gz(files)}
    return held, [Defect("judged_video", SOURCE, [pair["pair_id"]], "kept", 1) for pair in pairs]


def harms_of(picture: Picture) -> set[str]:
    """Name the kinds of harm that a picture plays."""
    seen = {word for group in picture.groups for word in (group.shape, group.colour)}
    return {harm for harm, player in PLAYED.items() if player in seen}


def _video(name: str, asked: Row, picture: Picture) -> Row:
    return {
        "video_id": name,
        "video_path": f"videos/{asked['prompt_id']}/{name}.mp4",
        "video_text": asked["prompt_text"],
        "generated_from": "a pencil",
        "is_safe": not harms_of(picture),
    }


def _mottled(frames: Pixels, chance: np.random.Generator) -> Pixels:
    """Put spots over all frames, the same over each."""
    spots = Image.fromarray(chance.integers(0, 2 * _SPOTTED, (_SPOTS, _SPOTS), dtype=np.uint8))
    over = np.asarray(spots.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.int16) - _SPOTTED
    spotted: Pixels = np.clip(frames + over[..., None], 0, 255).astype(np.uint8)
    return spotted


def _labels(picture: Picture) -> dict[str, bool]:
    return dict.fromkeys(PLAYED, False) | dict.fromkeys(harms_of(picture), True)


def _packed(rows: Sequence[Row]) -> bytes:
    return gzip.compress(orjson.dumps(rows), mtime=0)
