"""What a run says of its media: what they are, which are broken, and what rules may read of them."""

import io
import json
import wave

import av
import numpy as np
import polars as pl
import pytest
from PIL import Image

import warehouse
from flows.verbs.answers import check_laws
from tests.flows.here import broken, run
from warehouse.answers.explain import explain

PLAN = """
name: seen
media: {root: media}
sources:
  - name: seen
    path: rows.jsonl
    mapping:
      prompt: prompt
      responses: [{media: one}, {media: two}]
      winner: {column: better, values: {"1": a, "2": b}}
rules:
  - {name: tiny, drop: "chosen_width < 20"}
  - {name: silent, flag: "chosen_silence_share > 0.9"}
metrics: [chosen_width, rejected_height, width_gap, chosen_duration_s]
"""


def picture(width, height, colour="red"):
    sink = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(sink, "PNG")
    return sink.getvalue()


def sound(seconds, rate=8_000):
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "NONE"))
        file.writeframes((np.sin(np.arange(int(seconds * rate)) / 5) * 9_000).astype("<i2").tobytes())
    return sink.getvalue()


def video(seconds, rate=8):
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for at in range(int(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), at * 5, np.uint8), format="rgb24")
            for packet in stream.encode(frame):
                file.mux(packet)
        for packet in stream.encode():
            file.mux(packet)
    return sink.getvalue()


FILES = {
    "good.png": picture(64, 48), "other.png": picture(80, 60, "blue"), "tiny.png": picture(10, 8),
    "torn.png": picture(300, 200, "green")[:-40], "text.png": b"this is no picture", "good.wav": sound(1.5),
    "other.wav": sound(0.5), "good.mp4": video(2), "misnamed.wav": video(1),
}  # fmt: skip
ROWS = [
    ("kept", "good.png", "other.png"), ("too small", "tiny.png", "good.png"), ("torn", "torn.png", "good.png"),
    ("no picture", "good.png", "text.png"), ("gone", "good.png", "gone.png"), ("sounds", "good.wav", "other.wav"),
    ("videos", "good.mp4", "misnamed.wav"),
]  # fmt: skip


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    root = tmp_path_factory.mktemp("seen")
    (root / "media").mkdir()
    for name, data in FILES.items():
        (root / "media" / name).write_bytes(data)
    lines = [{"prompt": prompt, "one": one, "two": two, "better": "1"} for prompt, one, two in ROWS]
    (root / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (root / "plan.yaml").write_text(PLAN)
    run(root / "plan.yaml", root / "home")
    return warehouse.open(root / "home")


def test_each_medium_is_what_it_is_whatever_it_is_called(opened):
    media = {row["source_path"]: row for row in opened.table("media").collect().iter_rows(named=True)}
    told = {name: (row["modality"], row["mime"], row["width"], row["height"]) for name, row in media.items()}
    assert told["good.png"] == ("image", "image/png", 64, 48)
    assert told["good.mp4"] == ("video", "video/mp4", 64, 48)
    assert told["misnamed.wav"][:2] == ("video", "video/mp4")
    assert told["good.wav"][:2] == ("audio", "audio/wav")
    assert media["good.wav"]["duration_s"] == pytest.approx(1.5, abs=0.01)
    assert media["good.wav"]["sample_rate"] == 8_000
    assert media["good.mp4"]["duration_s"] == pytest.approx(2, abs=0.1)
    assert media["good.mp4"]["fps"] == pytest.approx(8, abs=0.1)
    assert media["good.png"]["bytes"] == len(FILES["good.png"])
    assert {name for name, row in media.items() if row["error"]} == {"torn.png", "text.png", "gone.png"}


def test_pairs_with_a_broken_medium_are_dropped_and_it_is_said_why(opened):
    pairs = {row["prompt"]: row for row in opened.table("pairs").collect().iter_rows(named=True)}
    assert {prompt: row["reason"] for prompt, row in pairs.items()} == {
        "kept": None, "too small": "dropped_by_rule", "torn": "unreadable_media", "no picture": "unreadable_media",
        "gone": "unreadable_media", "sounds": None, "videos": None,
    }  # fmt: skip
    said = explain(opened, pairs["gone"]["pair_id"]).sentences
    assert any("not found" in line for line in said)
    assert any("unreadable_media" in line or "cannot be read" in line for line in said)


def test_metrics_of_media_stand_beside_their_pairs(opened):
    found = opened.table("metrics").join(opened.table("pairs").select("pair_id", "prompt"), on="pair_id").collect()
    told = {row["prompt"]: row for row in found.iter_rows(named=True)}
    assert (told["kept"]["chosen_width"], told["kept"]["rejected_height"], told["kept"]["width_gap"]) == (64, 60, -16)
    assert told["sounds"]["chosen_width"] is None
    assert told["sounds"]["chosen_duration_s"] == pytest.approx(1.5, abs=0.01)


def test_a_medium_has_a_story(opened):
    name = opened.table("media").filter(pl.col("source_path") == "torn.png").collect()["media_id"][0]
    story = explain(opened, name)
    assert story.kind == "media"
    assert any("cannot be used" in line for line in story.sentences)


def test_the_promises_hold(opened):
    assert broken(opened.home.path) == []


def test_one_question_beside_different_pictures_is_many_prompts(tmp_path):
    rng = np.random.default_rng(1)
    (tmp_path / "media").mkdir()
    for at in range(24):
        drawn = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8)).resize((160, 120), Image.Resampling.BICUBIC)
        drawn.save(tmp_path / f"media/{at}.png")
    rows = [
        {"prompt": "Which of the many things on this picture do you like best, and why is it so?", "picture": f"{at}.png",
         "one": "I like the large one in the middle of it best of all.", "two": "I like none of the things on it at all."}
        for at in range(24)
    ]  # fmt: skip
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "plan.yaml").write_text(
        "name: asked\nmedia: {root: media}\nsplit: {train: 0.5, test: 0.5}\nsources:\n  - path: rows.jsonl\n"
        "    mapping: {prompt: {columns: [prompt], media: [picture]}, responses: [one, two], winner: {always: a}}\n"
    )
    run(tmp_path / "plan.yaml", tmp_path / "home")
    opened = warehouse.open(tmp_path / "home")
    pairs = opened.table("pairs").collect()
    assert pairs["kept"].all()
    assert pairs["task"].unique().to_list() == ["ti2t"]
    assert pairs["component_id"].n_unique() == 24
    assert pairs["split"].n_unique() == 2
    assert [each for each in check_laws(opened, deep=True) if each.broken] == []


def test_what_looks_or_sounds_the_same_is_found_and_goes_to_one_split(tmp_path):
    (tmp_path / "media").mkdir()
    rng = np.random.default_rng(0)
    for at in range(12):
        drawn = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8)).resize((320, 240), Image.Resampling.BICUBIC)
        drawn.save(tmp_path / f"media/{at}.png")
        drawn.resize((160, 120)).save(tmp_path / f"media/{at}-copy.jpg", quality=60)
    rows = [{"prompt": f"Draw {at}", "one": f"{at}.png", "two": f"{(at + 1) % 12}-copy.jpg"} for at in range(0, 12, 2)]
    rows += [{"prompt": f"Paint {at}", "one": f"{at}-copy.jpg", "two": f"{at + 1}.png"} for at in range(0, 12, 2)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row | {"better": "1"}) + "\n" for row in rows))
    (tmp_path / "plan.yaml").write_text(PLAN.replace("rules:", "split: {train: 0.5, test: 0.5}\nrules:"))
    run(tmp_path / "plan.yaml", tmp_path / "home")
    opened = warehouse.open(tmp_path / "home")
    path = dict(opened.table("media").select("media_id", "source_path").collect().iter_rows())
    found = (
        opened.table("clusters").filter(pl.col("method") == "perceptual", pl.col("partner_id").is_not_null()).collect()
    )
    linked = {frozenset((path[row["subject_id"]], path[row["partner_id"]])) for row in found.iter_rows(named=True)}
    assert linked == {frozenset((f"{at}.png", f"{at}-copy.jpg")) for at in range(12)}
    pairs = opened.table("pairs").collect()
    assert pairs["kept"].all()
    tied = pairs.with_columns(at=pl.col("prompt").str.split(" ").list.last()).group_by("at").agg("component_id")
    assert all(len(set(each)) == 1 for each in tied["component_id"])
    assert broken(tmp_path / "home") == []
    run(tmp_path / "plan.yaml", tmp_path / "home", "dedupe.perceptual=null")
    assert warehouse.open(tmp_path / "home").table("clusters").filter(pl.col("subject") == "media").collect().is_empty()
