"""The models that are shipped, opened as any checkpoint is, on items that no training used."""

import io
import json

import av
import numpy as np
import pytest

from tasks.demo.media.pictures import change
from training.tiny.coca.measure import Opened
from training.tiny.coca.train import unseen_pictures
from training.tiny.speech.measure import open_whisper, transcribe
from training.tiny.speech.score import word_errors
from warehouse.home import Home
from warehouse.tiny.unpack import unpack_tiny


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return unpack_tiny(Home.at(tmp_path_factory.mktemp("tiny") / "home"))


@pytest.fixture(scope="module")
def quality(place):
    return json.loads((place / "QUALITY.json").read_text())


def sound(data):
    with av.open(io.BytesIO(data)) as opened:
        parts = [frame.to_ndarray()[0] for frame in opened.decode(audio=0)]
    return np.concatenate(parts).astype(np.float32) / 32768


def test_pictures_are_captioned_found_and_told_from_wrong_ones(place, quality):
    opened = Opened(place / "coca")
    pictures = unseen_pictures(60, seed=77)
    drawn = [picture.draw(96) for picture in pictures]
    captions = [picture.caption for picture in pictures]
    chance = np.random.default_rng(0)
    images, texts = opened.images(drawn), opened.texts(captions)
    wrong = opened.texts([change(picture, chance)[0].caption for picture in pictures])
    exact = np.mean([said == caption for said, caption in zip(opened.captions(drawn), captions, strict=True)])
    found = ((images @ texts.T).argmax(1).numpy() == np.arange(60)).mean()
    bar = quality["coca"]["threshold"]
    assert exact >= quality["coca"]["captions_exact"] - 0.15
    assert found >= 0.9
    assert float(((images * texts).sum(1) >= bar).float().mean()) >= 0.8
    assert float(((images * wrong).sum(1) < bar).float().mean()) >= 0.8


def test_speech_is_transcribed_and_silence_is_not(place):
    model = open_whisper(place / "whisper")
    said = json.loads((place / "samples" / "sentences.json").read_text())
    chosen = dict(list(said.items())[::6])
    heard = [transcribe(model, sound((place / "samples" / name).read_bytes())) for name in chosen]
    assert word_errors(list(chosen.values()), [text for text, _ in heard]) <= 0.2
    assert np.mean([silence < 0.5 for _, silence in heard]) >= 0.9
    text, silence = transcribe(model, np.zeros(16_000, np.float32))
    assert text == ""
    assert silence > 0.5
