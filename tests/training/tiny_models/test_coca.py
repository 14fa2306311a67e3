import numpy as np
import open_clip
import pytest
import torch

from tasks.demo.media.clips import MOTIONS
from tasks.demo.media.pictures import random_picture
from tasks.demo.media.sentences import ASKED, ask
from training.tiny.coca.batches import Words, make_batch, normalise
from training.tiny.coca.model import CONTEXT, TOKENS
from training.tiny.coca.train import Course, Training, train, unseen_pictures
from training.tiny.unseen import is_unseen

MICRO = Course(
    steps=24, decay=4, warmup=4, batch=8, easy=4, width=32, layers=1, text_layers=1, save_every=10, look_every=24
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("coca")
    told = []
    return train(MICRO, folder, told.append), folder, told


@pytest.fixture(scope="module")
def opened(trained):
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{trained[1] / 'model'}")
    return model.eval(), prepare


def test_words_are_encoded_as_open_clip_does():
    chance = np.random.default_rng(0)
    words = Words()
    captions = [random_picture(chance).caption for _ in range(40)]
    texts = [*captions, *(ask(caption, way) for way, caption in enumerate(captions)), *MOTIONS]
    rows = words.rows(texts)
    tokens = torch.tensor(words.vocabulary.tokens)[rows]
    whole = open_clip.get_tokenizer("coca_ViT-B-32", context_length=CONTEXT)
    assert torch.equal(tokens, whole(texts))
    assert len(ASKED) == 4


def test_no_text_that_is_kept_out_is_trained_on():
    words, chance = Words(), np.random.default_rng(0)
    batch = make_batch(words, 200, 0.5, chance)
    starts = [way.format("") for way in ASKED]
    for said in batch.said:
        plain = next((said.removeprefix(start) for start in starts if said.startswith(start)), said)
        assert not is_unseen(plain)
    assert all(is_unseen(picture.caption) for picture in unseen_pictures(5, seed=0))


def test_every_wrong_text_differs_from_the_right_one():
    batch = make_batch(Words(), 100, 0.5, np.random.default_rng(1))
    assert all(right != wrong for right, wrong in zip(batch.said, batch.said_wrong, strict=True))
    assert 0.5 < float(batch.captioned.float().mean()) < 0.9


def test_training_lowers_the_loss():
    training = Training(MICRO)
    begun = sum(training.advance().values())
    for _ in range(MICRO.steps - 2):
        training.advance()
    assert sum(training.advance().values()) < 0.75 * begun


def test_going_on_ends_where_an_unbroken_training_does(tmp_path):
    unbroken = Training(MICRO)
    for _ in range(4):
        unbroken.advance()
    broken = Training(MICRO)
    for _ in range(2):
        broken.advance()
    broken.keep(tmp_path / "kept")
    again = Training(MICRO)
    again.go_on(tmp_path / "kept")
    assert again.advance() != {}
    again.advance()
    for one, other in zip(unbroken.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_finished_training_is_not_trained_again(trained):
    done, folder, _ = trained
    again = train(MICRO, folder, pytest.fail)
    for one, other in zip(done.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_it_tells_what_it_reached(trained):
    assert any("exact" in said and "retrieved" in said for said in trained[2])


def test_open_clip_opens_the_full_model_and_it_does_what_the_small_one_does(trained, opened):
    training, _, _ = trained
    model, _ = opened
    batch = make_batch(training.words, 6, 0.5, np.random.default_rng(9))
    tokens = torch.tensor(training.words.vocabulary.tokens)
    with torch.no_grad():
        training.model.eval()
        small = training.model(batch.pictures, batch.texts)
        full = model(batch.pictures, tokens[batch.texts])
    for name in ("image_features", "text_features"):
        torch.testing.assert_close(full[name], small[name], atol=5e-3, rtol=0)
    torch.testing.assert_close(full["logits"][..., tokens], small["logits"], atol=3e-2, rtol=0)
    absent = torch.ones(TOKENS, dtype=torch.bool)
    absent[tokens] = False
    assert not full["logits"][..., absent].any()


def test_the_preprocessing_is_the_one_of_the_training(opened):
    from PIL import Image

    picture = random_picture(np.random.default_rng(2)).draw()
    torch.testing.assert_close(opened[1](Image.fromarray(picture)), normalise(picture[None])[0], atol=1e-5, rtol=0)
