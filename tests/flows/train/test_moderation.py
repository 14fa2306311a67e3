"""Moderation from files to published numbers: pictures whose labels are their colours."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from flows.train.moderation import train_moderation
from flows.train.vectors.items import NO_SPLIT
from schemas.errors import Terminal
from schemas.plan.media_models import ImageTextModel
from schemas.plan.train.training import ModerationTraining, TextModel
from tests.flows.here import broken
from tests.flows.train.vectors.coloured import make_home
from tests.training.tiny import save_encoder
from training.data import NOT_TEXT
from training.moderation.checkpoint import load_moderator
from training.moderation.items import read_assigned
from warehouse.home import Home
from warehouse.store import Store

CLIP = ImageTextModel(path="clip")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("moderated"))


def train(world, **settings):
    config = ModerationTraining(**{"image_text": CLIP, "strengths": [0.1, 10.0], **settings})
    told = []
    return train_moderation(warehouse.open(world / "home"), config, world, lambda *said: told.append(said)), told


def table(world, name):
    return warehouse.open(world / "home").table(name).collect()


def numbers(world, trained):
    told = table(world, "evaluations").filter(training_id=trained.training_id)
    return {(row["metric"], row["dimension"]): row for row in told.iter_rows(named=True)}


def test_colours_are_told_from_pictures_and_not_from_words(world):
    trained, told = train(world, folds=3, planted_flips=0.1)
    assert "embedding media" in {said[0] for said in told}
    found = numbers(world, trained)
    for label in ("red", "blue"):
        assert found["average_precision", label]["value"] > 0.95
        assert found["f1", label]["value"] > 0.9
        assert found["average_precision_of_text", label]["value"] < 0.85
        assert found["average_precision_out_of_fold", label]["n"] == 450
        assert found["suspects_found", label]["value"] > 0.6
    assert found["too_few_positives", "never"]["n"] == 450
    macro = found["macro_average_precision", None]
    assert macro["low"] <= macro["value"] <= macro["high"]
    assert found["is_safe_accuracy", None]["value"] > 0.9
    assert found["macro_f1_of_text", None]["value"] < found["macro_f1", None]["value"]
    (row,) = table(world, "trainings").filter(training_id=trained.training_id).rows(named=True)
    assert (row["kind"], row["model"]) == ("moderation", "clip")
    assert {point["dimension"] for point in json.loads(row["curve"])} == {"red", "blue"}
    moderator, about = load_moderator(trained.folder)
    assert list(moderator.weights) == ["blue", "red"]
    assert about["taxonomy"] == "colours"
    assert broken(world / "home") == []


def test_records_without_pairs_are_split_like_those_with_pairs(world):
    opened = warehouse.open(world / "home")
    pairs = opened.table("pairs").select("record_id", "component_id", "split").unique().collect()
    assigned = read_assigned(opened)
    both = assigned.join(pairs, on="record_id", suffix="_of_pair")
    assert both.height == pairs.height
    assert both.filter(pl.col("split") != pl.col("split_of_pair")).is_empty()
    alone = opened.table("records").filter(pl.col("source") == "alone").collect()
    assert set(alone["record_id"]) <= set(assigned["record_id"])


def test_media_stand_for_themselves(world):
    trained, _ = train(world, target="media")
    found = numbers(world, trained)
    assert found["average_precision", "reddish"]["value"] > 0.95
    # Without words there is only what chance reaches.
    assert found["average_precision_of_text", "reddish"]["value"] == pytest.approx(
        found["average_precision", "reddish"]["baseline"]
    )
    moderator, about = load_moderator(trained.folder)
    assert moderator.design.blocks == ("response", "hand")
    assert about["taxonomy"] == "shades"


def test_prompts_by_their_words(world):
    save_encoder(world / "encoder")
    settings = {"image_text": None, "encoder": TextModel(path="encoder")}
    trained, _ = train(world, target="prompt", **settings)
    found = numbers(world, trained)
    assert found["average_precision", "asks why"]["value"] > 0.95
    assert ("average_precision_of_text", "asks why") not in found
    with pytest.raises(Terminal, match=f"450 left out: {NOT_TEXT}"):
        train(world, **settings)


def test_a_done_training_is_not_repeated_and_gives_the_same_weights_if_it_is_lost(world):
    first, _ = train(world, seed=4)
    weights = (first.folder / "moderator.safetensors").read_bytes()
    assert not train(world, seed=4)[0].is_new
    for file in first.folder.iterdir():
        file.unlink()
    first.folder.rmdir()
    again, told = train(world, seed=4)
    assert again.is_new
    assert (again.folder / "moderator.safetensors").read_bytes() == weights
    assert not [said for said in told if said[0].startswith("embedding")]


def test_the_verb(world):
    (world / "moderation.yaml").write_text("image_text: {path: clip}\ntaxonomy: colours\nstrengths: [1.0]\n")
    words = ["train", "moderation", "--home", str(world / "home"), "--config", str(world / "moderation.yaml")]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    assert "macro_average_precision" in said.output
    assert "too_few_positives" in said.output
    assert "published with snapshot" in said.output


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"taxonomy": "harm"}, "no one set of labels of harm of a response; there are shades of a media"),
        ({"target": "prompt", "taxonomy": "colours"}, "no one set of labels of colours of a prompt"),
        ({"train": "early", "held_out": "late", "test": "never"}, rf"can be learnt from \(450 left out: {NO_SPLIT}\)"),
        ({"image_text": ImageTextModel(path="nowhere")}, "nowhere"),
    ],
)
def test_what_cannot_be_trained_is_told(world, settings, message):
    with pytest.raises(Terminal, match=message):
        train(world, **settings)


def test_splits_that_are_not_stored_any_more_are_told(world, tmp_path):
    small = make_home(tmp_path, pairs=6, alone=6)
    opened = warehouse.open(small / "home")
    store = Store(Home.at(small / "home"))
    (key,) = {place.stem for place in (small / "home/tables/splits").glob("*.parquet")}
    store.forget(key)
    with pytest.raises(Terminal, match="is not stored any more"):
        read_assigned(opened)
