"""Published sets as the Hub holds them, in small: the files of each dataset, with real media."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq

from tests.tasks.ingest.published import PUBLISHED
from tests.tasks.ingest.published.media.files import FILES, data_of

# A published set, how a plan names it, and the files of its datasets.
Laid = tuple[str, dict[str, object], dict[str, dict[str, bytes]]]


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


def named(key: str) -> list[str]:
    """The paths by which the rows of a published set name their media."""
    return list(dict.fromkeys(what for _, what in PUBLISHED[key].attached if what not in FILES))


def zip_of(names: list[str], **more: bytes) -> bytes:
    """Pack the files of these names, and others, into a .zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, data_of(name.rpartition("/")[2]))
        for name, data in more.items():
            archive.writestr(name, data)
    return target.getvalue()


def shard_of(found: list[dict[str, object]]) -> bytes:
    """Write samples as a tar file of WebDataset."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for row in found:
            for name, value in row.items():
                data = value.encode() if isinstance(value, str) else _plain(value)
                about = tarfile.TarInfo(f"{row['__key__']}.{name}")
                about.size = len(data)
                if name != "__key__":
                    archive.addfile(about, io.BytesIO(data))
    return target.getvalue()


def halves(name: str, data: bytes) -> dict[str, bytes]:
    """Cut a file into two pieces, as large ones are uploaded."""
    return {f"{name}.00": data[: len(data) // 2], f"{name}.01": data[len(data) // 2 :]}


def in_parquet(key: str, file: str, repo: str, rows_: slice = slice(None)) -> Laid:
    """A set whose media are in its Parquet file."""
    return key, {"hub": {"repo": repo, "files": file}}, {repo: {file: parquet(PUBLISHED[key].rows[rows_])}}


def beside(
    key: str, file: str, repo: str, archive: dict[str, bytes], data: bytes | None = None, **more: object
) -> Laid:
    """A set whose media are in an archive beside the file with its rows."""
    rows_ = as_json(PUBLISHED[key].rows) if data is None else data
    return (
        key,
        {"hub": {"repo": repo, "files": file}, "media": f"{next(iter(archive)).removesuffix('.00')}*", **more},
        {repo: {file: rows_, **archive}},
    )


def sets() -> list[Laid]:
    """Lay out one set after the other."""
    reward, feedback, intermt = "zai-org/ImageRewardDB", "TIGER-Lab/VideoFeedback", "PKU-Alignment/InterMT"
    about = PUBLISHED[reward].rows
    zipped = zip_of(named(reward), **{"test_1.json": as_json(about)})
    lines = b"\n".join(as_json(row) for row in PUBLISHED["yifanzhang114/MM-RLHF"].rows)
    pictures = {
        f"{intermt}-Bench-Images": {"images.zip": zip_of(named(intermt))},
        intermt: {"data/train.json": as_json(PUBLISHED[intermt].rows)},
    }
    return [
        in_parquet("saferlhf-v/BeaverTails-V", "data/sexual_crimes/evaluation.parquet", "saferlhf-v/BeaverTails-V", slice(1)),
        in_parquet("PKU-Alignment/BeaverTails-V", "data/sexual_crimes/train.parquet", "PKU-Alignment/BeaverTails-V"),
        in_parquet("sqrti/SPA-VL test", "test/harm-00000-of-00001.parquet", "sqrti/SPA-VL"),
        in_parquet("openbmb/RLAIF-V-Dataset", "RLAIF-V-Dataset_000.parquet", "openbmb/RLAIF-V-Dataset"),
        in_parquet("openbmb/RLHF-V-Dataset", "RLHF-V-Dataset.parquet", "openbmb/RLHF-V-Dataset"),
        in_parquet("pickapic-anonymous/pickapic_v1", "data/train-00000-of-00645.parquet", "pickapic-anonymous/pickapic_v1"),
        in_parquet("zai-org/ImageRewardDB group", "data/group.parquet", "zai-org/ImageRewardDB"),
        in_parquet("BryanW/HumanEdit", "data/train-00000-of-00032.parquet", "BryanW/HumanEdit"),
        in_parquet("TIGER-Lab/GenAI-Bench", "image_generation/test_v1-00000-of-00001.parquet", "TIGER-Lab/GenAI-Bench", slice(1)),
        in_parquet("TIGER-Lab/GenAI-Bench", "image_edition/test_v1-00000-of-00001.parquet", "TIGER-Lab/GenAI-Bench", slice(1, 2)),
        ("sayakpaul/pickapic_v2_webdataset", {"hub": {"repo": "sayakpaul/pickapic_v2_webdataset", "files": "*.tar"}},
         {"sayakpaul/pickapic_v2_webdataset": {"00000.tar": shard_of(PUBLISHED["sayakpaul/pickapic_v2_webdataset"].rows)}}),
        (reward, {"hub": {"repo": reward, "files": "images/test/*.zip"}, "media": "images/test/*.zip"}, {reward: {"images/test/test_1.zip": zipped}}),
        beside("MizzenAI/HPDv3", "train.json", "MizzenAI/HPDv3", halves("images.tar.gz", tar_of(named("MizzenAI/HPDv3")))),
        beside("AGI-Eval-Official/Q-Eval-100K", "train_quality.json", "AGI-Eval-Official/Q-Eval-100K",
               {"media.zip": zip_of(named("AGI-Eval-Official/Q-Eval-100K"))}),
        beside("yifanzhang114/MM-RLHF", "data.jsonl", "yifanzhang114/MM-RLHF", {"short.zip": zip_of(named("yifanzhang114/MM-RLHF"))}, lines),
        beside(feedback, "annotated/train-00000-of-00001.parquet", feedback, {"frames_annotated.zip": zip_of(named(feedback))},
               parquet(PUBLISHED[feedback].rows)),
        (intermt, {"hub": {"repo": intermt, "files": "data/*.json"}, "media": {"repo": f"{intermt}-Bench-Images", "files": "*.zip"}}, pictures),
    ]  # fmt: skip
