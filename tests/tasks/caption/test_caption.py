"""Captions by a tiny CoCa: greedy, ended where they end, and the same in every batch."""

import numpy as np
import polars as pl
import pytest
import torch

from schemas.errors import Terminal
from tasks.caption.caption import Caption
from tasks.caption.coca import load_captioner
from tasks.models.open_clip import load_open_clip, preparation_of, to_pixels
from tests.tasks.tiny_models import COCA, pictures, save_open_clip

START, END = 49406, 49407


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return save_open_clip(tmp_path_factory.mktemp("coca"), COCA)


def captioner(weights):
    return load_captioner(weights, None, preparation_of(weights, None))


def greedy(module, pixels, most):
    """The same, token by token through the whole model."""
    tokens = torch.full((len(pixels), 1), START)
    with torch.no_grad():
        for _ in range(most):
            best = module(pixels, tokens, output_labels=False)["logits"][:, -1].argmax(-1)
            tokens = torch.cat([tokens, best[:, None]], dim=1)
    return tokens


def test_captions_are_the_most_probable_tokens(weights):
    seen, model = pictures(3), load_open_clip(weights, None)
    expected = greedy(model.modules[0], to_pixels(model.modules[0], seen, preparation_of(weights, None)), 6)
    assert END not in expected
    texts = [" ".join(model.tokenizer.decode(row[1:]).split()) for row in expected.tolist()]
    assert captioner(weights).caption(seen, 8, 6) == texts


def test_captions_do_not_depend_on_the_batch(weights):
    seen = [*pictures(3), *[np.full((9, 9, 3), grey, np.uint8) for grey in (0, 80, 255)]]
    assert captioner(weights).caption(seen, 1, 5) == captioner(weights).caption(seen, 4, 5)
    assert captioner(weights).caption([], 4, 5) == []


def test_a_caption_ends_where_the_model_ends_it(weights, monkeypatch):
    model = load_open_clip(weights, None)
    words = [model.tokenizer.encode("a cat"), model.tokenizer.encode("two dogs play")]
    asked = []

    def planted(seen, read):
        """Write each picture's words and its end, and then what nobody may read."""
        at = read.shape[1] - 1
        asked.append(at)
        logits = torch.zeros(2, at + 1, 49408)
        for row, said in enumerate(words):
            logits[row, -1, [*said, END, 7, 7, 7][at]] = 1.0
        return logits

    monkeypatch.setattr(model.modules[0].text_decoder, "forward", planted)
    assert captioner(weights).caption(pictures(2), 2, 30) == ["a cat", "two dogs play"]
    assert asked == [0, 1, 2, 3]


def test_no_caption_is_longer_than_the_model_can_write(weights):
    (text,) = captioner(weights).caption(pictures(1), 1, 512)
    assert text


def test_one_row_a_medium_and_the_middle_of_a_video(weights):
    seen = pictures(3, 32, 32)
    video = np.stack([np.zeros_like(seen[1]), seen[1], np.zeros_like(seen[1])])
    about = {"model": "tiny", "revision": "1", "digest": "d", "preparation": preparation_of(weights, None)}
    caption = Caption(**about, weights=weights, tokens=4)
    found = caption(pl.LazyFrame({"content_id": ["a", "b"]}), [seen[0], video])["captions"]
    assert found["text"].to_list() == captioner(weights).caption(seen[:2], 2, 4)
    assert found.drop("text").rows() == [("a", "tiny", "1"), ("b", "tiny", "1")]
    assert caption(pl.LazyFrame({"content_id": []}, schema={"content_id": pl.String}), [])["captions"].is_empty()
    assert caption.key() != Caption(**about, weights=weights, tokens=5).key()


def test_a_model_that_writes_nothing_is_told(tmp_path):
    weights = save_open_clip(tmp_path)
    with pytest.raises(Terminal, match="is no model that writes captions: take a CoCa model"):
        captioner(weights)
