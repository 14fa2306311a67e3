"""Pictures and texts as vectors of one space, by tiny models of open_clip."""

import numpy as np
import open_clip
import polars as pl
import pytest
import torch
from PIL import Image

from schemas.errors import Terminal
from tasks.embed.image_text.media import EmbedMedia
from tasks.embed.image_text.model import load_image_text
from tasks.embed.image_text.said import EmbedSaid
from tasks.models.open_clip import preparation_of
from tests.tasks.tiny_models import CLIP, COCA, pictures, save_open_clip

TEXTS = ["a red ball", "a blue house on a hill", "", "word " * 200]


@pytest.fixture(scope="module", params=[CLIP, COCA], ids=["CLIP", "CoCa"])
def weights(request, tmp_path_factory):
    return save_open_clip(tmp_path_factory.mktemp("model"), request.param)


def loaded(weights):
    return load_image_text(weights, None, preparation_of(weights, None))


def stage(kind, weights, **settings):
    about = {"model": "tiny", "revision": "1", "digest": "d", "preparation": preparation_of(weights, None)}
    return kind(**about, weights=weights, **settings)


def ids(count):
    return pl.LazyFrame({"content_id": [f"m{number}" for number in range(count)]})


def test_vectors_are_those_of_open_clip(weights):
    encoder, seen = loaded(weights), pictures(5, 50, 70)
    theirs, _, transform = open_clip.create_model_and_transforms(f"local-dir:{weights.parent}")
    theirs.eval()
    with torch.no_grad():
        images = theirs.encode_image(torch.stack([transform(Image.fromarray(each)) for each in seen]), normalize=True)
        tokens = open_clip.get_tokenizer(f"local-dir:{weights.parent}")(TEXTS)
        texts = theirs.encode_text(tokens, normalize=True)
    assert encoder.encode_pictures(seen, 2) == pytest.approx(images.numpy(), abs=1e-5)
    assert encoder.encode_texts(TEXTS, 2) == pytest.approx(texts.numpy(), abs=1e-5)
    assert encoder.dim == 32
    assert encoder.logit_scale == pytest.approx(1 / 0.07)


def test_vectors_do_not_depend_on_the_batch(weights):
    encoder, seen = loaded(weights), pictures(11)
    for one, eight in (
        (encoder.encode_pictures(seen, 1), encoder.encode_pictures(seen, 8)),
        (encoder.encode_texts(TEXTS, 1), encoder.encode_texts(TEXTS, 8)),
    ):
        assert (one * eight).sum(axis=1).min() >= 0.9999
        assert np.linalg.norm(one, axis=1) == pytest.approx(1, abs=1e-5)


def test_nothing_gives_no_vectors(weights):
    encoder = loaded(weights)
    assert encoder.encode_pictures([], 8).shape == encoder.encode_texts([], 8).shape == (0, 32)


def test_texts_that_are_too_long_are_told(weights):
    assert loaded(weights).reads_whole(TEXTS) == [True, True, True, False]


def test_a_video_is_the_mean_of_its_frames_whatever_lies_beside_it(weights):
    seen = pictures(6)
    embed = stage(EmbedMedia, weights, frames=4)
    found = embed(ids(3), [seen[0], np.stack(seen[1:5]), seen[5]])["embeddings"]
    assert found["content_id"].to_list() == ["m0", "m1", "m2"]
    assert found.select("content", "model", "revision", "dim", "is_whole").unique().rows() == [
        ("media", "tiny", "1", 32, True)
    ]
    vectors = found["vector"].list.to_array(32).to_numpy()
    alone = loaded(weights).encode_pictures(seen, 8)
    mean = alone[1:5].mean(axis=0)
    assert vectors[[0, 2]] == pytest.approx(alone[[0, 5]], abs=1e-5)
    assert vectors[1] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)
    assert embed(ids(0), [])["embeddings"].is_empty()


def test_prepared_pictures_are_as_good_as_others(weights):
    embed, seen = stage(EmbedMedia, weights, frames=4), pictures(4, 90, 50)
    prepared = [embed.preparation.prepare(each) for each in seen]
    one, other = (embed(ids(4), each)["embeddings"]["vector"] for each in (seen, prepared))
    assert one.to_list() == other.to_list()


def test_texts_lie_in_the_space_of_the_pictures(weights):
    said = pl.LazyFrame({"content_id": list("abcd"), "text": TEXTS})
    found = stage(EmbedSaid, weights)(said)["embeddings"]
    assert found["content"].unique().to_list() == ["text"]
    assert found["is_whole"].to_list() == [True, True, True, False]
    vectors = found["vector"].list.to_array(32).to_numpy()
    assert vectors == pytest.approx(loaded(weights).encode_texts(TEXTS, 4), abs=1e-5)


def test_the_key_names_the_model_and_what_it_sees_and_not_the_machine(weights, tmp_path):
    embed = stage(EmbedMedia, weights, frames=4)
    assert embed.key() == embed.model_copy(update={"weights": tmp_path, "batch": 7}).key()
    bilinear = embed.preparation.model_copy(update={"interpolation": "bilinear"})
    others = [{"frames": 5}, {"digest": "e"}, {"revision": "2"}, {"architecture": "x"}, {"preparation": bilinear}]
    keys = {embed.model_copy(update=other).key() for other in others}
    assert len(keys | {embed.key(), stage(EmbedSaid, weights).key()}) == 7


def test_weights_that_are_no_numbers_are_told(tmp_path):
    weights = save_open_clip(tmp_path)
    from safetensors.torch import load_file, save_file

    broken = load_file(weights)
    broken["visual.proj"].fill_(float("nan"))
    save_file(broken, weights)
    with pytest.raises(Terminal, match="gives vectors that are no numbers"):
        loaded(weights).encode_pictures(pictures(1), 1)


def test_a_pickle_of_tensors_is_read_where_its_architecture_is_named(tmp_path):
    architecture = "ViT-S-32-alt"
    torch.manual_seed(0)
    model = open_clip.create_model(architecture, load_weights=False)
    torch.save({"state_dict": model.state_dict()}, tmp_path / "checkpoint.pt")
    preparation = preparation_of(tmp_path / "checkpoint.pt", architecture)
    assert preparation.size == (224, 224)
    encoder = load_image_text(tmp_path / "checkpoint.pt", architecture, preparation)
    assert encoder.encode_pictures(pictures(1), 1).shape == (1, 256)
