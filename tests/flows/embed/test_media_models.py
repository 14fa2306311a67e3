"""Models of media as plans name them: found, fetched, pinned; or told how to get them before anything is done."""

import socket

import numpy as np
import open_clip
import polars as pl
import pytest
import torch
from open_clip import pretrained
from safetensors.torch import save

from flows.embed import media_models
from flows.embed.media_models import texts_beside
from flows.embed.pin_media import pin_media
from schemas.errors import Terminal
from schemas.plan.file import parse_plan
from tests.loopback.hub import Hub
from tests.tasks.tiny_models import COCA, build_open_clip, pictures, save_open_clip, save_whisper, sounds
from warehouse.home import Home

SMALL = "ViT-S-32-alt"  # the smallest architecture of open_clip


@pytest.fixture
def hub(monkeypatch):
    with Hub() as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.endpoint)
        monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        yield fake


def pinned(root, models):
    said = parse_plan(f"name: small\nsources: [{{path: a.jsonl}}]\nmodels: {models}")
    assert said.mistakes == []
    return pin_media(said.plan, root, Home.at(root / "home"))


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def embedded(stage):
    ids = pl.LazyFrame({"content_id": ["a"]})
    return stage(ids, pictures(1))["embeddings"]["vector"].list.to_array(stage_dim(stage)).to_numpy()


def stage_dim(stage):
    return stage.encoder().dim


def test_folders_beside_the_plan_are_found_and_pinned(tmp_path):
    save_open_clip(tmp_path / "coca", COCA)
    save_whisper(tmp_path / "speech")
    said = "{image_text: {path: coca, frames: 3}, caption: {path: coca, tokens: 3}, speech: {path: speech, tokens: 3}}"
    plan, (image_text, caption, speech) = pinned(tmp_path, said)
    for stage, pin in (
        (image_text, plan.models.image_text),
        (caption, plan.models.caption),
        (speech, plan.models.speech),
    ):
        assert stage.digest == stage.revision == pin.digest == pin.revision
    assert image_text.digest == caption.digest != speech.digest
    ids = pl.LazyFrame({"content_id": ["a"]})
    assert image_text(ids, pictures(1))["embeddings"].height == 1
    assert caption(ids, pictures(1))["captions"]["model"].item() == "coca"
    assert speech(ids, sounds(1))["transcripts"]["model"].item() == "speech"
    said_of = texts_beside(image_text)(pl.LazyFrame({"content_id": ["b"], "text": ["a cat"]}))["embeddings"]
    assert said_of.select("model", "revision", "dim").row(0) == ("coca", image_text.revision, 32)
    again, stages = pin_media(plan, tmp_path, Home.at(tmp_path / "home"))
    assert again == plan
    assert [stage.key() for stage in stages] == [image_text.key(), caption.key(), speech.key()]


def test_other_weights_and_other_settings_have_another_digest(tmp_path):
    digests = set()
    for seed, said in ((0, {}), (1, {}), (0, {"interpolation": "bilinear"})):
        save_open_clip(tmp_path / "clip", seed=seed, preprocess=said)
        digests.add(pinned(tmp_path, "{image_text: {path: clip}}")[1].image_text.digest)
    assert len(digests) == 3


def test_a_model_that_is_not_the_pinned_one_is_told(tmp_path):
    save_open_clip(tmp_path / "clip")
    with pytest.raises(
        Terminal, match=r"models.image_text: the files of clip have the digest .*, but the plan says ff"
    ):
        pinned(tmp_path, f"{{image_text: {{path: clip, digest: {'f' * 32}}}}}")


def test_models_of_the_hub_are_fetched_without_pickles_and_pinned_to_their_commit(hub, tmp_path, monkeypatch):
    save_open_clip(tmp_path / "clip")
    commit = hub.commit(
        "team/clip", {**contents(tmp_path / "clip"), "open_clip_pytorch_model.bin": b"?", "run.py": b"?"}
    )
    plan, (stage, _, _) = pinned(tmp_path, "{image_text: {repo: team/clip}}")
    assert stage.revision == plan.models.image_text.revision == commit
    assert {path.rpartition("/")[2] for _, path in hub.requests} & {"open_clip_pytorch_model.bin", "run.py"} == set()
    local = pinned(tmp_path, "{image_text: {path: clip}}")[1].image_text
    assert stage.digest == local.digest
    assert np.array_equal(embedded(stage), embedded(local))
    monkeypatch.setattr(socket.socket, "connect", None)
    assert pin_media(plan, tmp_path, Home.at(tmp_path / "home"))[1].image_text == stage


def test_a_pickle_is_fetched_only_where_there_is_nothing_else(hub, tmp_path):
    model = build_open_clip(tmp_path / "clip")
    torch.save(model.state_dict(), tmp_path / "clip" / "open_clip_pytorch_model.bin")
    hub.commit("team/clip", contents(tmp_path / "clip"))
    stage = pinned(tmp_path, "{image_text: {repo: team/clip}}")[1].image_text
    assert stage.weights.name == "open_clip_pytorch_model.bin"
    assert embedded(stage).shape == (1, 32)


def test_a_tag_of_open_clip_is_resolved_to_its_repository(hub, tmp_path, monkeypatch):
    model = open_clip.create_model(SMALL, load_weights=False)
    weights = save({name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()})
    commit = hub.commit("team/small", {"open_clip_model.safetensors": weights})
    tag = {**pretrained._pcfg(hf_hub="team/small/"), "interpolation": "bilinear"}
    monkeypatch.setitem(pretrained._PRETRAINED, SMALL, {"made_here": tag})
    stage = pinned(tmp_path, f"{{image_text: {{model: {SMALL}, pretrained: made_here}}}}")[1].image_text
    assert (stage.model, stage.revision, stage.architecture) == (f"{SMALL}/made_here", commit, SMALL)
    assert (stage.preparation.size, stage.preparation.interpolation) == ((224, 224), "bilinear")
    assert embedded(stage).shape == (1, 256)


def test_whispers_names_are_repositories_of_the_hub(hub, tmp_path):
    save_whisper(tmp_path / "speech")
    commit = hub.commit("openai/whisper-large-v3", contents(tmp_path / "speech"))
    for name in ("large-v3", "large"):
        stage = pinned(tmp_path, f"{{speech: {{model: {name}}}}}")[1].speech
        assert (stage.revision, stage.weights.name) == (commit, "model.safetensors")


def test_the_embedded_models_are_unpacked_into_the_home(tmp_path):
    stages = pinned(tmp_path, "{image_text: winnow-tiny, caption: winnow-tiny, speech: winnow-tiny}")[1]
    assert [stage.model for stage in stages] == ["winnow-tiny"] * 3
    assert stages.image_text.digest == stages.caption.digest == stages.image_text.revision
    assert stages.speech.digest not in (None, stages.caption.digest)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ("{image_text: {path: nowhere}}", r"image_text: .*nowhere is not there: put .* there, or say repo to have it fet"),
        ("{speech: {path: empty}}", r"speech: .*empty holds no weights: put model.safetensors there"),
        ("{image_text: {path: bare.pt}}", r"image_text: bare.pt has no open_clip_config.json .*: say .* as model, such"),
        ("{image_text: {path: bare.pt, model: ViT-B-33}}", r"knows no architecture ViT-B-33, did you mean ViT-B-32"),
        ("{image_text: {model: ViT-B-32, pretrained: nothing}}", r"no weights nothing for ViT-B-32; it has openai, laion"),
        ("{image_text: {model: ViT-B-32, pretrained: openai}}", r"would err silently: say model: ViT-B-32-quickgelu"),
        ("{speech: {model: huge}}", r"speech: whisper has no model huge; it has tiny, .*: correct model, or say path"),
        ("{caption: {path: two}}", r"caption: .*two holds a.safetensors, b.safetensors: name one of these files as path"),
        ("{caption: {repo: team/none}}", r"caption: team/none is not on the Hub or is private: correct `repo:`"),
        ("{caption: {repo: team/text}}", r"caption: team/text@.* holds none of open_clip_model.safetensors, .*: it is no"),
    ],
)  # fmt: skip
def test_a_missing_model_is_an_error_that_says_how_to_get_it(hub, tmp_path, models, message):
    hub.commit("team/text", {"config.json": b"{}", "model.safetensors": b"?"})
    for folder in ("empty", "two"):
        (tmp_path / folder).mkdir()
    for file in ("bare.pt", "two/a.safetensors", "two/b.safetensors"):
        (tmp_path / file).write_bytes(b"?")
    with pytest.raises(Terminal, match=r"^models\." + f"(?:.*{message})"):
        pinned(tmp_path, models)


def test_a_tag_without_a_repository_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(pretrained._PRETRAINED, SMALL, {"elsewhere": pretrained._pcfg(url="https://somewhere/x.pt")})
    message = f"not on the Hub, so they have no revision: get https://somewhere/x.pt, .* with model: {SMALL} instead"
    with pytest.raises(Terminal, match=message):
        pinned(tmp_path, f"{{image_text: {{model: {SMALL}, pretrained: elsewhere}}}}")


@pytest.mark.parametrize("models", ["{image_text: {path: a}}", "{caption: {path: a}}", "{speech: {path: a}}"])
def test_missing_libraries_are_told_before_anything_is_done(tmp_path, monkeypatch, models):
    monkeypatch.setattr(media_models, "find_spec", lambda _: None)
    with pytest.raises(Terminal, match=r"need more libraries: pip install 'winnow-curation\[models\]'"):
        pinned(tmp_path, models)


def test_a_plan_without_models_stays_as_it_is(tmp_path):
    plan, stages = pinned(tmp_path, "{}")
    assert plan == parse_plan("name: small\nsources: [{path: a.jsonl}]").plan
    assert stages == (None, None, None)
