"""Published sets as the Hub holds them, in small: the files of each dataset, with real media."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq

from tests.tasks.ingest.published import PUBLISHED
from tests.tasks.ingest.published.media.files import data_of


def align_anything() -> dict[str, bytes]:
    """Parquet with media inside, and JSON beside archives, of which one is in three pieces."""
    videos = tar_of(["videos/cat.mp4", "videos/dog.mp4"])
    third = len(videos) // 3
    return {
        "README.md": b"---\nlicense: cc-by-nc-4.0\n---\n",
        **{f"{name}/{file}": parquet(rows(name)) for name, file in _TABLES.items()},
        "text-image-to-text-image/train_27k.json": as_json(rows("text-image-to-text-image")),
        "text-image-to-text-image/images.tar.gz": tar_of(["images/cat.png", "images/dog.png", "images/cow.png"]),
        "text-to-video/9k_train.json": as_json(rows("text-to-video")),
        "text-to-video/videos.tar.gz0": videos[:third],
        "text-to-video/videos.tar.gz1": videos[third : 2 * third],
        "text-to-video/videos.tar.gz2": videos[2 * third :],
        "text-video-to-text/train_10k.json": as_json(rows("text-video-to-text")),
        "text-video-to-text/videos.tar.gz": tar_of(["./videos/cat.mp4", "./videos/nobody-asked.mp4"]),
    }


_TABLES = {
    "text-to-text": "train_30k.parquet",
    "text-image-to-text": "train_40k-00000-of-00001.parquet",
    "text-to-image": "val_2k-00000-of-00001.parquet",
    "text-audio-to-text": "train-00000-of-00001.parquet",
    "text-to-audio": "train-00000-of-00001.parquet",
}


def safesora() -> dict[str, dict[str, bytes]]:
    """Configurations of pairs and of single videos whose videos lie in one archive, and prompts alone."""
    pairs, labels, prompts = (PUBLISHED[f"PKU-Alignment/SafeSora{end}"].rows for end in ("", "-Label", "-Eval"))
    videos = tar_of([f"videos/p1/v{n}.mp4" for n in (0, 1)])
    return {
        "PKU-Alignment/SafeSora": {
            "config-train.json.gz": gzip.compress(as_json(pairs[:1])),
            "config-test.json.gz": gzip.compress(as_json(pairs[1:])),
            "videos.tar.gz": videos,
        },
        "PKU-Alignment/SafeSora-Label": {
            "config-train.json.gz": gzip.compress(as_json(labels)),
            "videos.tar.gz": videos,
        },
        "PKU-Alignment/SafeSora-Eval": {"eval-prompt.json.gz": gzip.compress(as_json(prompts))},
    }


def rows(config: str) -> list[dict[str, object]]:
    """The planted rows of one configuration of align-anything."""
    return PUBLISHED[f"PKU-Alignment/align-anything {config}"].rows


def as_json(found: object) -> bytes:
    """Write a JSON file."""
    return json.dumps(found, ensure_ascii=False).encode()


def parquet(found: list[dict[str, object]]) -> bytes:
    """Write a Parquet file whose columns of media are features of `datasets`."""
    names = dict.fromkeys(name for row in found for name in row)
    plain = [{name: _plain(row.get(name)) for name in names} for row in found]
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(plain), target)
    return target.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        return {name: _plain(each) for name, each in value.items()}
    return value


def tar_of(names: list[str]) -> bytes:
    """Pack the files of these names into a .tar.gz."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name in names:
            data = data_of(name.rpartition("/")[2])
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return target.getvalue()
