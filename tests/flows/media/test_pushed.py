"""Pushed media are whole, in columns that the Hub shows and plays, and what has none is withheld and counted."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import polars as pl
import pyarrow.parquet as pq
import pytest
from huggingface_hub import DatasetCard
from PIL import Image

import warehouse
from flows.publish.prepare import prepare
from flows.publish.push import prepare_into, push
from schemas.plan.push import PUSHED_PAIRS, Push
from tests.flows.media.world import ROWS, Senses
from tests.flows.pushed import REPO, content, files_of
from tests.loopback.client import connected
from warehouse.export import embed
from warehouse.push import files as writing


@pytest.fixture(scope="module")
def senses(tmp_path_factory):
    world = Senses(tmp_path_factory.mktemp("senses"))
    world.home = warehouse.open(world.curate())
    return world


@pytest.fixture
def hub(monkeypatch):
    with connected(monkeypatch) as fake:
        yield fake


MEDIA = {
    "prompt_images": ["image"], "prompt_audio": "audio", "prompt_video": "video", "chosen_image": "image",
    "chosen_audio": "audio", "chosen_video": "video", "rejected_image": "image", "rejected_audio": "audio",
    "rejected_video": "video",
}  # fmt: skip

CHILD = """
import io, json, sys
from datasets import Audio, Features, Image, List, Video, load_dataset
import av
told = {"rows": 0, "frames": [], "samples": [], "sizes": []}
for split, rows in load_dataset("team/data", "overall").items():
    told["features"] = {name: str(kind) for name, kind in rows.features.items()}
    assert isinstance(rows.features["prompt_images"].feature, Image)
    pictures = rows.select_columns(["prompt_images", "chosen_image"])
    for row in pictures:
        told["sizes"] += [p.size for p in [*(row["prompt_images"] or []), row["chosen_image"]] if p is not None]
    raw = rows.cast(Features(rows.features | {n: Audio(decode=False) for n in ("prompt_audio", "chosen_audio", "rejected_audio")}
        | {n: Video(decode=False) for n in ("prompt_video", "chosen_video", "rejected_video")}))
    for row in raw.select_columns(["prompt_audio", "chosen_video", "prompt"]):
        told["rows"] += 1
        if row["chosen_video"]:
            with av.open(io.BytesIO(row["chosen_video"]["bytes"])) as container:
                told["frames"].append(sum(1 for _ in container.decode(video=0)))
        if row["prompt_audio"]:
            with av.open(io.BytesIO(row["prompt_audio"]["bytes"])) as container:
                told["samples"].append(sum(f.samples for f in container.decode(audio=0)))
import re
blocks = re.findall(r"```python\\n(.*?)```", open(sys.argv[1]).read(), re.DOTALL)
assert len(blocks) == 2
for block in blocks:
    exec(block, {})
print(json.dumps(told))
"""


def test_what_was_pushed_loads_with_its_media(senses, hub, tmp_path):
    _, pushed = push(senses.home, Push(repo=REPO))
    _, again = push(senses.home, Push(repo=REPO))
    assert (pushed.is_new, again.is_new, again.commit) == (True, False, pushed.commit)
    card = tmp_path / "README.md"
    card.write_bytes(files_of(hub)["README.md"])
    surroundings = os.environ | {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_DISABLE_XET": "1"}
    words = [sys.executable, "-c", CHILD, card]
    done = subprocess.run(words, check=False, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rows"] == 8 * ROWS + 3
    assert told["frames"] == [4] * ROWS
    assert told["samples"] == [2_000] * ROWS
    # Of the tasks with pictures before or in the better answer; one prompt has two.
    assert told["sizes"] == [[16, 16]] * (ROWS + 4 + ROWS + 2 * ROWS)
    assert [name for name in told["features"] if name not in PUSHED_PAIRS.names] == list(MEDIA)
    assert told["features"]["chosen_video"].startswith("Video(")
    assert told["features"]["chosen_audio"].startswith("Audio(")


def test_every_medium_is_the_one_of_its_pair(senses, tmp_path):
    prepare_into(senses.home, Push(repo=REPO), tmp_path / "out")
    files = {name: data for name, data in content(tmp_path / "out").items() if "/overall/" in name}
    rows = pl.concat(pl.read_parquet(data) for data in files.values()).to_dicts()
    said = {row["prompt"]: row for some in senses.rows.values() for row in some}
    for row in rows:
        source = said[row["prompt"]]
        better, worse = ("left", "right") if source["better"] in ("left", "same") else ("right", "left")
        for kind, ending in (("image", "png"), ("audio", "wav"), ("video", "mp4")):
            asked = [path for path in _paths(source.get("shown")) if path.endswith(ending)]
            given = (
                row["prompt_images"] if kind == "image" else [row[f"prompt_{kind}"]] if row[f"prompt_{kind}"] else []
            )
            assert [each["bytes"] for each in given or []] == [senses.files[path[2:]] for path in asked]
            for side, of in (("chosen", better), ("rejected", worse)):
                path = next((p for p in _paths(source.get(f"{of}_shown", source[of])) if p.endswith(ending)), None)
                found = row[f"{side}_{kind}"]
                if source["better"] != "same":
                    assert (found or {}).get("bytes") == (senses.files[path[2:]] if path else None)
                assert found is None or found["path"].endswith(f".{ending}")


def _paths(said):
    return [each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str) and each[:2] == "./"]


def test_what_has_no_bytes_is_withheld_and_counted(senses, tmp_path):
    lost = next(
        place for place in senses.home.home.media.glob("*/*") if place.read_bytes() == senses.files["ti2t-0-asked.png"]
    )
    lost.rename(tmp_path / "lost")
    try:
        manifest = prepare_into(senses.home, Push(repo=REPO), tmp_path / "out")
    finally:
        (tmp_path / "lost").rename(lost)
    assert manifest.withheld == {"media_withheld": 1}
    pushed = pl.concat(
        pl.read_parquet(data, columns=["prompt"])
        for name, data in content(tmp_path / "out").items()
        if name.endswith("parquet")
    )
    # What is gone or torn was dropped by the run.
    assert not {"Gone?", "Torn?", "What about ti2t 0?"} & set(pushed["prompt"])
    assert (
        "1 were withheld as media_withheld: A picture, a sound or a video" in (tmp_path / "out/README.md").read_text()
    )


def test_the_card_tells_the_media(senses, tmp_path):
    prepare_into(senses.home, Push(repo=REPO), tmp_path / "out")
    text = (tmp_path / "out/README.md").read_text()
    card = DatasetCard(text)
    assert {"modality:text", "modality:image", "modality:audio", "modality:video"} <= set(card.data.tags)
    assert {"text-to-video", "image-text-to-text", "audio-text-to-text", "text-generation"} <= set(
        card.data.task_categories
    )
    infos = {info["config_name"]: {f["name"]: f for f in info["features"]} for info in card.data.get("dataset_info")}
    assert infos["overall"]["prompt_images"] == {"name": "prompt_images", "list": "image"}
    assert {name: infos["overall"][name]["dtype"] for name, kind in MEDIA.items() if isinstance(kind, str)} == {
        name: kind for name, kind in MEDIA.items() if isinstance(kind, str)
    }
    # Only videos were judged by how safe they are.
    assert {name for name in infos["harmlessness"] if name not in PUSHED_PAIRS.names} == {
        "chosen_video",
        "rejected_video",
    }
    assert "| `chosen_video` | The video of the better answer. |" in text
    assert "| `prompt_images` | The pictures of the prompt. |" in text


def media_sizes(table):
    """The size of every medium in a table."""
    values = [value for name in table.column_names if name in MEDIA for value in table[name].to_pylist()]
    return [len(each["bytes"]) for value in values for each in (value if isinstance(value, list) else [value]) if each]


def test_the_same_snapshot_gives_the_same_bytes_and_row_groups_are_bounded(senses, tmp_path, monkeypatch):
    monkeypatch.setattr(embed, "GROUP_BYTES", 20_000)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        prepare(senses.home, Push(repo=REPO), tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "other")
    for path in (tmp_path / "one/data/overall").iterdir():
        file = pq.ParquetFile(path)
        assert file.num_row_groups > 1
        for at in range(file.num_row_groups):
            group = file.read_row_group(at)
            assert sum(media_sizes(group)) <= 20_000 or group.num_rows == 1


def test_files_are_closed_before_they_are_too_large(senses, tmp_path, monkeypatch):
    monkeypatch.setattr(embed, "GROUP_BYTES", 5_000)
    monkeypatch.setattr(writing, "SHARD_BYTES", 60_000)
    manifest = prepare_into(senses.home, Push(repo=REPO), tmp_path / "out")
    files = [tmp_path / "out" / file.path for file in manifest.files if file.config == "overall"]
    assert len(files) > 2
    assert max(sum(media_sizes(pq.read_table(path))) for path in files) <= 60_000
    data = [data for name, data in content(tmp_path / "out").items() if "/overall/" in name]
    assert sum(pl.read_parquet(io.BytesIO(each)).height for each in data) == 8 * ROWS + 3


def test_pictures_are_stored_as_they_came(senses, tmp_path):
    prepare_into(senses.home, Push(repo=REPO), tmp_path / "out")
    rows = pl.concat(
        pl.read_parquet(data) for name, data in content(tmp_path / "out").items() if "/overall/" in name
    ).filter(pl.col("chosen_image").is_not_null())
    found = [each["bytes"] for each in rows["chosen_image"]]
    assert set(found) <= set(senses.files.values())
    assert {Image.open(io.BytesIO(each)).format for each in found} == {"PNG"}
