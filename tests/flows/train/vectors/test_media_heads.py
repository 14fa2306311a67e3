"""Heads on pictures, from files to published numbers."""

import json

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from flows.media import passes
from flows.train.head import train_head
from flows.train.show import read_config
from flows.train.vectors.seen import UNHEARD
from schemas.errors import Terminal
from schemas.plan.media_models import ImageTextModel
from schemas.plan.train.training import HeadTraining, TextModel
from tests.flows.here import broken, run
from tests.flows.train.vectors.coloured import make_home
from tests.training.tiny import save_encoder
from training.checkpoint import load_head
from training.data import NOT_TEXT, OTHER_MODALITY

CLIP = ImageTextModel(path="clip")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = make_home(tmp_path_factory.mktemp("coloured"))
    save_encoder(root / "encoder")
    return root


def train(world, **settings):
    config = HeadTraining(**{"image_text": CLIP, "strengths": [0.01, 1.0], **settings})
    told = []
    return train_head(warehouse.open(world / "home"), config, world, lambda *said: told.append(said)), told


def table(world, name):
    return warehouse.open(world / "home").table(name).collect()


def numbers(world, trained):
    told = table(world, "evaluations").filter(training_id=trained.training_id)
    return {(row["metric"], row["source"], row["bin"]): row for row in told.iter_rows(named=True)}


def test_a_head_on_pictures_is_published_with_all_its_numbers(world):
    trained, told = train(world, planted_flips=0.2, blocks=["response", "product", "cosine"])
    assert [said[0] for said in told if said[0].startswith("embedding")][-1] == "embedding media"
    found = numbers(world, trained)
    assert found["accuracy", "drawn", None]["value"] >= 0.95
    assert found["suspects_found", None, None]["value"] > 0.9
    assert found["left_out", None, UNHEARD]["n"] == 3
    pairs = table(world, "pairs")
    assert set(table(world, "suspects")["pair_id"]) == set(pairs.filter(pl.col("source") != "heard")["pair_id"])
    head, about = load_head(trained.folder)
    assert head.weights.keys() == {"overall"}
    assert about["encoder"]["architecture"] is None
    assert broken(world / "home") == []


def test_what_was_measured_alone_is_enough_where_it_decides(world):
    trained, _ = train(world, blocks=["hand"], modality="image", folds=0)
    found = numbers(world, trained)
    assert found["left_out", None, OTHER_MODALITY]["n"] == 23
    assert found["accuracy", None, None]["value"] == 1.0
    # The better picture is always the wider one.
    assert found["accuracy", None, None]["baseline"] == 1.0
    _, about = load_head(trained.folder)
    assert "sharpness" in about["hand"]
    assert about["filling"]["width"] == pytest.approx((np.log1p(32) + np.log1p(36)) / 2)


def test_a_head_on_texts_says_that_it_left_the_pictures_out(world):
    trained, _ = train(world, image_text=None, encoder=TextModel(path="encoder"), folds=0, strengths=[0.1])
    assert numbers(world, trained)["left_out", None, NOT_TEXT]["n"] == 153


def test_a_config_names_one_model(world):
    (world / "two.yaml").write_text("encoder: {path: a}\nimage_text: {path: clip}\n")
    with pytest.raises(Terminal, match="has the vectors of one model"):
        read_config("head", world / "two.yaml", [])


def test_media_are_embedded_once_and_a_done_training_is_not_repeated(world, monkeypatch):
    config = {"blocks": ["response"], "folds": 0, "dimension": ["overall"]}
    (world / "head.yaml").write_text(json.dumps({"image_text": {"path": "clip"}, **config}))
    words = ["train", "head", "--home", str(world / "home"), "--config", str(world / "head.yaml")]
    monkeypatch.setattr(passes.PassStep, "perform", lambda self, store: pytest.fail("shown again"))
    first = CliRunner().invoke(app, words)
    assert first.exit_code == 0, first.output
    assert "left out" in first.output
    again = CliRunner().invoke(app, [*words, "--json"])
    assert json.loads(again.stdout)["is_new"] is False


def test_vectors_that_the_plan_asks_for_stay_when_another_model_is_trained(world, tmp_path):
    run(world / "plan.yaml", world / "home", "models={image_text: {path: clip}}")
    media = pl.col("content") == "media"
    before = table(world, "embeddings").filter(media)
    assert before.height > 300
    train(world, image_text=None, encoder=TextModel(path="encoder"), folds=0, strengths=[0.1])
    after = table(world, "embeddings")
    assert after.filter(media).sort("content_id").equals(before.sort("content_id"))
    assert after["model"].n_unique() == 2
    assert broken(world / "home") == []


def test_nothing_to_learn_from_is_told(world):
    with pytest.raises(Terminal, match="keeps no pairs of video of train, validation, test; there are overall in"):
        train(world, modality="video")
    with pytest.raises(Terminal, match="keeps no pairs of audio whose media have vectors of"):
        train(world, modality="audio")
