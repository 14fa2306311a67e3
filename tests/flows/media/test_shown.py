"""What models are shown in a run: each content once, words and media scored together, nothing twice."""

import json

import numpy as np
import polars as pl
import pytest

import warehouse
from flows.media import passes
from flows.run.execute import execute
from schemas.errors import Terminal
from tests.flows.here import broken, run
from tests.flows.media.test_seen import picture, sound, video
from tests.tasks.tiny_models import COCA, save_open_clip, save_whisper

PLAN = """
name: shown
media: {{root: media}}
models:
  image_text: {{path: coca}}
  caption: {{path: coca, tokens: 5}}
  speech: {{path: speech, language: en, tokens: 5}}
sources:
  - name: drawn
    path: drawn.jsonl
    mapping: {{prompt: prompt, responses: [{{media: one}}, {{media: two}}], winner: {{always: a}}}}
  - name: asked
    path: asked.jsonl
    mapping:
      prompt: {{columns: [prompt], media: [picture]}}
      responses: [one, two]
      winner: {{always: a}}
rules:
  - {{name: nothing_alike, flag: "clip_score < 0"}}
metrics:
  [chosen_clip_score, rejected_clip_score, clip_score_gap, clip_score, caption_similarity, chosen_f_clip_score,
   chosen_harm, prompt_harm_crime]
"""
FILES = {
    "red.png": picture(40, 40), "blue.png": picture(40, 40, "blue"), "torn.png": picture(300, 200)[:-40],
    "good.wav": sound(1.0), "good.mp4": video(1),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("shown")
    (root / "media").mkdir()
    for name, data in FILES.items():
        (root / "media" / name).write_bytes(data)
    for folder in ("coca", "speech"):
        (root / folder).mkdir()
    save_open_clip(root / "coca", COCA)
    save_whisper(root / "speech")
    drawn = [
        {"prompt": "a red picture", "one": "red.png", "two": "blue.png"},
        {"prompt": "a film", "one": "good.mp4", "two": "red.png"},
        {"prompt": "a tone", "one": "good.wav", "two": "good.mp4"},
        {"prompt": "torn", "one": "torn.png", "two": "red.png"},
    ]
    asked = [{"prompt": "Which colour?", "picture": "red.png", "one": "It is red.", "two": "It is blue."}]
    for name, rows in (("drawn", drawn), ("asked", asked)):
        (root / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (root / "plan.yaml").write_text(PLAN.format())
    run(root / "plan.yaml", root / "home")
    return root


@pytest.fixture
def opened(world):
    return warehouse.open(world / "home")


def names(opened):
    return dict(opened.table("media").select("media_id", "source_path").collect().iter_rows())


def test_each_picture_and_video_has_one_vector_and_one_caption(opened):
    known = names(opened)
    embedded = opened.table("embeddings").filter(pl.col("content") == "media").collect()
    assert sorted(known[each] for each in embedded["content_id"]) == ["blue.png", "good.mp4", "red.png"]
    assert np.linalg.norm(np.array(embedded["vector"].to_list()), axis=1) == pytest.approx([1.0] * 3, abs=1e-4)
    captions = opened.table("captions").collect()
    assert sorted(known[each] for each in captions["media_id"]) == ["blue.png", "good.mp4", "red.png"]
    transcripts = opened.table("transcripts").collect()
    assert [known[each] for each in transcripts["media_id"]] == ["good.wav"]
    assert embedded["revision"].unique().len() == 1


def test_words_and_media_are_scored_together(opened):
    pairs = opened.table("pairs").join(opened.table("metrics"), on="pair_id").collect()
    told = {row["prompt"]: row for row in pairs.iter_rows(named=True)}
    vectors = {
        row["content_id"]: np.array(row["vector"]) for row in opened.table("embeddings").collect().iter_rows(named=True)
    }
    known = {path: name for name, path in names(opened).items()}
    row = told["Which colour?"]
    picture_vector = vectors[known["red.png"]]
    for side in ("chosen", "rejected"):
        cosine = float(picture_vector @ vectors[row[f"{side}_id"]])
        assert row[f"{side}_clip_score"] == pytest.approx(2.5 * max(cosine, 0), abs=1e-5)
    assert told["a red picture"]["chosen_clip_score"] is not None
    assert told["a film"]["clip_score_gap"] == pytest.approx(
        told["a film"]["chosen_clip_score"] - told["a film"]["rejected_clip_score"]
    )
    assert told["a tone"]["chosen_clip_score"] is None
    assert row["clip_score"] == min(row["chosen_clip_score"], row["rejected_clip_score"])
    assert told["a tone"]["clip_score"] == told["a tone"]["rejected_clip_score"]
    assert -1 <= row["caption_similarity"] <= 1
    assert row["chosen_f_clip_score"] <= 0
    assert 0 <= row["prompt_harm_crime"] <= 1
    assert row["chosen_harm"] is None
    assert 0 <= told["a film"]["chosen_harm"] <= 1
    assert told["torn"]["reason"] == "unreadable_media"


def test_a_second_run_loads_no_model(world, monkeypatch):
    monkeypatch.setattr(passes.PassStep, "perform", lambda self, store: pytest.fail("shown again"))
    assert run(world / "plan.yaml", world / "home").is_new is False
    # Another rule is another run, and the models have nothing to see.
    outcome = run(world / "plan.yaml", world / "home", "split.salt=other")
    assert outcome.is_new


def test_only_new_media_are_shown(world, tmp_path, monkeypatch):
    shown = []
    perform = passes.PassStep.perform
    monkeypatch.setattr(passes.PassStep, "perform", lambda self, store: shown.append(self) or perform(self, store))
    (world / "media/green.png").write_bytes(picture(40, 40, "green"))
    with (world / "drawn.jsonl").open("a") as file:
        file.write(json.dumps({"prompt": "a green picture", "one": "green.png", "two": "red.png"}) + "\n")
    run(world / "plan.yaml", world / "home")
    assert sorted((type(each.model).__name__, len(each.digests)) for each in shown) == [
        ("Caption", 1),
        ("EmbedMedia", 1),
    ]


def test_the_promises_hold(world):
    assert broken(world / "home") == []


def test_a_model_that_is_not_there_is_told(world, tmp_path):
    with pytest.raises(Terminal, match=r"models\.caption"):
        execute(world / "plan.yaml", tmp_path / "home", ["models.caption.path=nowhere"], lambda steps, store: None)
