"""SafeSora's two preference models and its classifier of twelve harms, on videos in its own form, by the plans' settings."""

import gzip
import io
import json
from pathlib import Path

import av
import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from tests.flows.here import broken, run
from tests.tasks.tiny_models import save_open_clip

PLANS = Path(__file__).parents[3] / "plans"
HARMS = (
    "porn", "violence", "hate", "terrorism", "contraband", "controversial", "racism", "other_discrimination",
    "animal_abuse", "child_abuse", "crime", "other_harmful",
)  # fmt: skip
PARTS = ("instruction_following", "correctness", "information", "aesthetics")
PLAN = """
name: safesora
media: {root: media}
sources:
  - {name: safesora, path: pairs/config-train.json.gz}
  - {name: safesora-label, path: labels/config-train.json.gz}
dedupe: {near: null}
split: {train: 0.6, validation: 0.2, test: 0.2}
"""


def video(red, blue, random):
    """Four frames of one colour, with noise that no other video has."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=4)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for _ in range(4):
            pixels = random.integers(0, 30, (32, 32, 3)) + np.array([red, 60, blue])
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels.astype(np.uint8), format="rgb24")):
                file.mux(packet)
        for packet in stream.encode():
            file.mux(packet)
    return sink.getvalue()


def sample(root, random, prompt, name, high):
    """A video whose red is harm and whose blue is help, and whether there is much of each."""
    red, blue = (int(each) * 120 + int(random.integers(0, 80)) for each in high)
    place = root / "media/videos" / prompt / f"{name}.mp4"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(video(red, blue, random))
    text = f"a film about the number {prompt}"
    said = {
        "prompt_id": prompt, "prompt_text": text, "prompt_type": "safety_neutral", "video_id": f"{prompt}-{name}",
        "video_text": text, "video_path": f"videos/{prompt}/{name}.mp4", "is_safe": red < 100,
        "generated_from": "a generator",
    }  # fmt: skip
    return said, red, blue


def write(root, name, rows):
    (root / name).mkdir()
    (root / name / "config-train.json.gz").write_bytes(gzip.compress(json.dumps(rows).encode()))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root, random = tmp_path_factory.mktemp("sora"), np.random.default_rng(3)
    pairs, labels = [], []
    for at in range(70):
        high = random.integers(0, 2, 2)
        one = sample(root, random, f"p{at}", "one", high)
        other = sample(root, random, f"p{at}", "two", 1 - high)
        better = "video_0" if one[2] > other[2] else "video_1"
        harmless = "video_0" if one[1] < other[1] else "video_1"
        shared = {name: one[0][name] for name in ("prompt_id", "prompt_text", "prompt_type")}
        pairs.append({
            "pair_id": f"pair-{at}", **shared, "video_0": one[0], "video_1": other[0], "helpfulness": better,
            "harmlessness": harmless, "sub_preferences": dict.fromkeys(PARTS, better),
        })  # fmt: skip
    for at in range(120):
        said, red, blue = sample(root, random, f"s{at}", "one", random.integers(0, 2, 2))
        harms = dict.fromkeys(HARMS, False) | {"violence": red >= 100, "hate": blue >= 100, "crime": at < 3}
        none = dict.fromkeys(HARMS, False)
        labels.append({**said, "prompt_labels": none, "video_labels": harms})
    write(root, "pairs", pairs)
    write(root, "labels", labels)
    (root / "plan.yaml").write_text(PLAN)
    save_open_clip(root / "clip")
    run(root / "plan.yaml", root / "home")
    return root


def train(world, kind):
    """Train by the settings in `plans/`, with a tiny model instead of the one they name."""
    settings = (PLANS / f"safesora-{kind}.yaml").read_text().splitlines()
    (world / f"{kind}.yaml").write_text("\n".join(line for line in settings if not line.startswith("image_text")))
    words = ["train", kind, "--home", str(world / "home"), "--config", str(world / f"{kind}.yaml"), "--json"]
    said = CliRunner().invoke(app, [*words, "--set", "image_text={path: clip}", "--set", "strengths=[0.1, 10.0]"])
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)["evaluations"]
    return {(row["metric"], row["dimension"]): row for row in found if row["source"] is None and row["bin"] is None}


def test_helpfulness_and_harmlessness_are_told_from_the_videos(world):
    found = train(world, "head")
    assert {dimension for metric, dimension in found if metric == "accuracy"} == {"helpfulness", "harmlessness"}
    for dimension in ("helpfulness", "harmlessness"):
        row = found["accuracy", dimension]
        assert row["value"] > 0.85
        assert row["low"] <= row["value"] <= row["high"]
        # All videos are equally long.
        assert row["baseline"] == 0.5
    assert set(warehouse.open(world / "home").table("rewards").collect()["dimension"]) == {
        "helpfulness", "harmlessness",
    }  # fmt: skip
    assert broken(world / "home") == []


def test_twelve_harms_and_what_is_safe(world):
    found = train(world, "moderation")
    for label in ("violence", "hate"):
        assert found["average_precision", label]["value"] > 0.95
        assert found["average_precision_of_text", label]["value"] < found["average_precision", label]["value"]
    rare = {label: row["value"] for (metric, label), row in found.items() if metric == "too_few_positives"}
    assert rare == dict.fromkeys(set(HARMS) - {"violence", "hate", "crime"}, 0.0) | {"crime": 3.0}
    labelled = warehouse.open(world / "home").table("labels").filter(pl.col("taxonomy") == "safesora-12").collect()
    assert set(labelled["label"]) == set(HARMS)
    assert found["macro_average_precision", None]["value"] > 0.95
    assert found["is_safe_accuracy", None]["value"] > found["is_safe_accuracy", None]["baseline"]
    assert broken(world / "home") == []
