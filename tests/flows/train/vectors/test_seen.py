"""Contents as vectors of one space: of words, pictures, sounds that were written down, and all of them together."""

import json

import numpy as np
import polars as pl
import pytest

import warehouse
from flows.embed.media_models import settle_image_text
from flows.train.vectors.seen import UNREAD, see_contents
from schemas.plan.media_models import ImageTextModel
from tests.flows.here import run
from tests.flows.media.test_seen import picture, sound
from tests.tasks.tiny_models import save_open_clip, save_whisper
from training.media.contents import media_among, read_contents

PLAN = """
name: seen
media: {root: media}
models: {speech: {path: speech, language: en, tokens: 5}}
sources:
  - name: seen
    path: rows.jsonl
    mapping:
      prompt: {columns: [prompt], media: [asked]}
      responses: [{text: words, media: one}, {media: two}]
      winner: {always: a}
"""
ROWS = [
    {"prompt": "a red one", "asked": "blue.png", "words": "Here it is.", "one": "red.png", "two": "blue.png"},
    {"prompt": "", "asked": None, "words": "", "one": "tone.wav", "two": "torn.png"},
]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("seen")
    (root / "media").mkdir()
    files = {"red.png": picture(40, 40), "blue.png": picture(40, 40, "blue"), "tone.wav": sound(1.0),
             "torn.png": picture(300, 200)[:-40]}  # fmt: skip
    for name, data in files.items():
        (root / "media" / name).write_bytes(data)
    (root / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (root / "plan.yaml").write_text(PLAN)
    for folder in ("clip", "speech"):
        (root / folder).mkdir()
    save_open_clip(root / "clip")
    save_whisper(root / "speech")
    run(root / "plan.yaml", root / "home")
    return root


@pytest.fixture
def looked(world):
    opened = warehouse.open(world / "home")
    model = settle_image_text(ImageTextModel(path="clip"), world, opened.home)
    responses = opened.table("responses").collect()
    said = read_contents(opened, responses["record_id"], responses["response_id"])
    return opened, model, said, see_contents(opened, model, said.contents, lambda *_: None)


def test_a_content_is_the_mean_of_its_parts(looked):
    opened, model, said, seen = looked
    known = dict(opened.table("media").select("source_path", "media_id").collect().iter_rows())
    encoder = model.encoder()
    pictures = {
        name: encoder.encode_pictures([np.full((40, 40, 3), colour, np.uint8)], 1)[0]
        for name, colour in (("red.png", (255, 0, 0)), ("blue.png", (0, 0, 255)))
    }
    words = dict(zip(("a red one", "Here it is."), encoder.encode_texts(["a red one", "Here it is."], 2), strict=True))
    rows = {(row["text"], tuple(row["media"])): at for at, row in enumerate(said.contents.iter_rows(named=True))}

    def vector(text, *names):
        return seen.vectors[rows[text, tuple(known[name] for name in names)]]

    def mean(*parts):
        total = np.sum(parts, axis=0)
        return total / np.linalg.norm(total)

    assert vector("", "blue.png") == pytest.approx(pictures["blue.png"], abs=2e-3)
    both = mean(words["Here it is."], pictures["red.png"])
    assert vector("Here it is.", "red.png") == pytest.approx(both, abs=2e-3)
    assert vector("a red one", "blue.png") == pytest.approx(mean(words["a red one"], pictures["blue.png"]), abs=2e-3)
    assert not vector("").any()
    alone = seen.of_texts[rows["Here it is.", (known["red.png"],)]]
    assert alone == pytest.approx(words["Here it is."], abs=1e-5)


def test_a_sound_is_what_was_written_down_of_it(looked):
    opened, model, said, seen = looked
    tone = opened.table("media").filter(pl.col("modality") == "audio").collect()["media_id"][0]
    at = said.contents["media"].to_list().index([tone])
    (transcript,) = opened.table("transcripts").collect()["text"]
    assert seen.contents["text"][at] == transcript
    assert seen.vectors[at] == pytest.approx(model.encoder().encode_texts([transcript], 1)[0], abs=1e-5)
    assert not seen.of_texts[at].any()


def test_what_cannot_be_read_is_missing_and_pairs_with_it_are_counted(looked):
    opened, _, said, seen = looked
    assert UNREAD in seen.missing["why"].to_list()
    pairs = opened.table("pairs").collect()
    lengths = said.contents.select("content_id", length=pl.lit(1.0))
    found = media_among(pairs, said, lengths, seen.missing)
    assert found.pairs["prompt"].to_list() == ["a red one"]
    assert sum(found.left_out.values()) == 1
