"""The media demo: six sources with pictures, sounds and videos, and every kind of defect that a run must find."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.demo.media.encode import as_tar_gz
from tasks.demo.media.gallery import Gallery
from tasks.demo.media.planted import judged, pictures, sounds, videos
from tasks.demo.media.planted.judged import judged_videos
from tasks.demo.media.planted.sounds import Spoken
from tasks.demo.media.planted.unreadable import unreadable
from tasks.demo.truth import Demo, Planted, Row, as_lines, as_truth

PICTURES_FILE = "pictures.jsonl"
DRAWINGS_FILE = "drawings.parquet"
SOUNDS_FILE = "sounds.jsonl"
VIDEOS_FILE = "videos.jsonl"
FOLDER = "media"
ARCHIVE = "videos.tar.gz"

_SOURCES = f"""\
  - name: {pictures.SOURCE}
    path: {PICTURES_FILE}
    media: {FOLDER}
    license: CC0-1.0
    mapping: &media
      id: id
      prompt: prompt
      responses: [{{media: chosen}}, {{media: rejected}}]
      winner: {{always: a}}
  - name: {pictures.DRAWINGS}
    path: {DRAWINGS_FILE}
    license: CC0-1.0
    mapping: *media
  - name: {sounds.SOURCE}
    path: {SOUNDS_FILE}
    license: CC0-1.0
    mapping: *media
  - name: {videos.SOURCE}
    path: {VIDEOS_FILE}
    media: {ARCHIVE}
    license: CC0-1.0
    mapping: *media
  - name: {judged.SOURCE}
    path: {judged.PAIRS_FILE}
    media: {judged.ARCHIVE}
    adapter: safesora
    license: CC0-1.0
  - name: {judged.SOURCE}-labels
    path: {judged.LABELS_FILE}
    media: {judged.ARCHIVE}
    adapter: safesora-label
    license: CC0-1.0
"""
_RULES = """\
  - {name: silent, drop: "chosen_silence_share > 0.9 or rejected_silence_share > 0.9"}
  - {name: clipped, drop: "chosen_clipping_share > 0.01 or rejected_clipping_share > 0.01"}
  - {name: frozen, drop: "chosen_frozen_share > 0.9 or rejected_frozen_share > 0.9"}
"""
# The rule that has to find the wrong prompts, where there are models. Its threshold was chosen on other seeds than the
# demo's (101 to 103): a little below the one at which, of 180 wrong prompts and 180 right ones, the lesser of recall
# and precision is the greatest.
WRONG_PROMPT = "wrong_prompt"
_THRESHOLD = 1.65
_MODELS = """\
  image_text: winnow-tiny
  caption: winnow-tiny
  speech: winnow-tiny
"""
_SEEN = f"""\
  - name: {WRONG_PROMPT}
    flag: "source = '{pictures.DRAWINGS}' and chosen_clip_score < {_THRESHOLD}"
"""
# Judged videos for every ten drawings: enough in the demo itself that heads can be learnt from them.
_JUDGED = 40
_ALTERED = ("picture_reencoded", "picture_resized", "picture_cropped", "picture_brightened")
_UNREADABLE = ("truncated_picture", "empty_file", "text_in_disguise", "missing_file")
_HELD = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_DRAWING = pa.schema([("id", pa.string()), ("prompt", pa.string()), ("chosen", _HELD), ("rejected", _HELD)])


def generate_media(seed: int = 7, size: int = 30, spoken: Sequence[Spoken] = ()) -> Demo:
    """Make the media demo: `size` drawings that fit, and of other kinds fewer; equal seeds, equal truth.

    Where sentences are spoken (at least one for every drawing), the plan names the models that come with winnow, has a
    rule for what they see, and rows for them to listen to. The bytes of videos may differ: their encoder does not
    always write the same. Raises ValueError if `size` is not between 10 and 30: there are only so many simple pictures
    that nobody could take for each other.
    """
    if not 10 <= size <= 30:
        raise ValueError(f"the media demo has 10 to 30 drawings that fit, not {size}")
    chance = np.random.default_rng([seed, 1])
    gallery, few = Gallery(chance), size // 10
    planted = {
        PICTURES_FILE: _pictures(gallery, few),
        DRAWINGS_FILE: [pictures.drawing_fits(gallery, size), pictures.wrong_prompt(gallery, size)],
        SOUNDS_FILE: _sounds(gallery, few, chance),
        VIDEOS_FILE: _videos(gallery, few),
    }
    if spoken:
        planted[SOUNDS_FILE].append(sounds.spoken_sentence(5 * few, spoken))
    rows = {name: _shuffled(chain(*[plant.rows for plant in plants]), chance) for name, plants in planted.items()}
    held = {name: dict(chain(*[plant.files.items() for plant in plants])) for name, plants in planted.items()}
    files = {name: b"".join(line + b"\n" for line in as_lines(rows[name])) for name in rows if name != DRAWINGS_FILE}
    files |= {DRAWINGS_FILE: _as_parquet(rows[DRAWINGS_FILE]), ARCHIVE: as_tar_gz(held[VIDEOS_FILE])}
    files |= {f"{FOLDER}/{name}": data for name, data in held[PICTURES_FILE].items()}
    # Nobody takes a video for a picture, so those of one gallery may look like those of the other.
    told, defects = judged_videos(Gallery(chance), _JUDGED * few, chance)
    truth = as_truth(chain(*[plant.defects for plants in planted.values() for plant in plants], defects))
    files |= told
    sections = {"sources": _SOURCES, "rules": _RULES}
    if spoken:
        sections |= {"rules": _RULES + _SEEN, "models": _MODELS}
    return Demo(files, sections, truth)


def _pictures(gallery: Gallery, few: int) -> list[Planted]:
    return [
        pictures.picture_fits(gallery, 4 * few),
        *[pictures.altered(kind, gallery, 2 * few) for kind in _ALTERED],
        pictures.picture_lookalike(gallery, 2 * few),
        pictures.shared_picture(gallery, 2 * few),
        pictures.same_picture(gallery, 2 * few),
        pictures.picture_contradiction(gallery, 2 * few),
        pictures.misnamed_picture(gallery, few),
        *[unreadable(kind, gallery, 2 * few) for kind in _UNREADABLE],
        unreadable("bomb", gallery, 1),
    ]


def _sounds(gallery: Gallery, few: int, chance: np.random.Generator) -> list[Planted]:
    return [
        sounds.sound_fits(gallery, 2 * few, chance),
        *[sounds.sound_again(kind, gallery, few, chance) for kind in ("sound_reencoded", "sound_trimmed")],
        sounds.sound_lookalike(gallery, few, chance),
        sounds.silent_sound(gallery, few, chance),
        sounds.clipped_sound(gallery, few, chance),
    ]


def _videos(gallery: Gallery, few: int) -> list[Planted]:
    return [
        videos.video_fits(gallery, 2 * few),
        *[videos.video_again(kind, gallery, few) for kind in ("video_reencoded", "video_trimmed")],
        videos.video_lookalike(gallery, few),
        videos.frozen_video(gallery, few),
        videos.misnamed_video(gallery, few),
        videos.truncated_video(gallery, few),
    ]


def _shuffled(rows: Iterable[Row], chance: np.random.Generator) -> list[Row]:
    given = list(rows)
    return [given[at] for at in chance.permutation(len(given))]


def _as_parquet(rows: list[Row]) -> bytes:
    """Write drawings as Hugging Face does: each picture as its bytes and a path."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=_DRAWING), sink)
    return sink.getvalue()
