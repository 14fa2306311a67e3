"""Models of media in plans: one place each, and every mistake is named."""

import pytest

from schemas.plan.file import parse_plan

PLAN = "name: small\nsources: [{path: a.jsonl}]\nmodels:\n  "


def models(text):
    said = parse_plan(PLAN + text)
    assert said.mistakes == []
    return said.plan.models


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("{path: models/clip}", "models/clip"),
        ("{path: clip.pt, model: ViT-B-32}", "clip.pt"),
        ("{repo: laion/clip, revision: abc}", "laion/clip"),
        ("{model: ViT-B-32, pretrained: laion2b_s34b_b79k}", "ViT-B-32/laion2b_s34b_b79k"),
        ("{tiny: true}", "winnow-tiny"),
        ("winnow-tiny", "winnow-tiny"),
    ],
)
def test_an_image_text_model_can_be_in_five_places(said, name):
    assert models(f"image_text: {said}").image_text.name == name
    assert models(f"caption: {said}").caption.name == name


def test_a_model_of_speech_has_a_name_or_a_place():
    assert models("speech: {model: large-v3}").speech.name == "whisper/large-v3"
    assert models("speech: winnow-tiny").speech.tiny
    assert models("speech: {path: whisper.pt, language: de, batch: 2}").speech.language == "de"


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ("image_text: {}", "models.image_text: a model has exactly one place: say one of path, repo, pretrained (with"),
        ("image_text: {path: a, repo: b/c}", "models.image_text: a model has exactly one place"),
        ("image_text: {path: a, tiny: true}", "models.image_text: a model has exactly one place"),
        ("image_text: {pretrained: openai}", "models.image_text: a tag belongs to an architecture: say it as model"),
        ("image_text: {model: ViT-B-32}", "models.image_text: a model has exactly one place"),
        ("caption: {repo: a/b, model: ViT-B-32}", "models.caption: model is an architecture, not weights"),
        ("caption: {path: a, tokens: 1}", "models.caption.tokens: input should be greater than or equal to 2, not 1"),
        ("image_text: {path: a, frame: 3}", "models.image_text.frame: unknown key, did you mean 'frames'?"),
        (
            "speech: {path: a, model: tiny}",
            "models.speech: a model has exactly one place: say one of path, repo, model",
        ),
        ("speech: {repo: not-a-repo}", "models.speech.repo: string should match pattern"),
        ("speech: {path: a, language: German}", "models.speech.language: string should match pattern"),
        ("speech: {path: a, digest: abc}", "models.speech.digest: string should match pattern"),
        ("image_text: large", "models.image_text: input should be a valid dictionary"),
    ],
)
def test_mistakes_are_named(said, mistake):
    (told,) = parse_plan(PLAN + said).mistakes
    assert str(told).startswith(f"line 4: {mistake}")
