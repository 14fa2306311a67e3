import numpy as np
import polars as pl
import pytest
import torch

from schemas.errors import Terminal
from tasks.embed.embed import Embed
from tasks.embed.encoder import load_encoder
from tests.training.tiny import save_encoder

TEXTS = ["this is a good answer", "what is that thing", "", "unknown words only", "the poor answer to it"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return save_encoder(tmp_path_factory.mktemp("encoder"))


def embed(place, texts, **settings):
    stage = Embed(model="tiny", revision="1", digest="d", place=place, **settings)
    ids = [f"{text}!" for text in texts]
    return stage(pl.LazyFrame({"content_id": ids, "text": texts}))["embeddings"]


def test_one_vector_of_length_one_a_content(place):
    found = embed(place, TEXTS)
    assert found["content_id"].to_list() == [f"{text}!" for text in TEXTS]
    assert found.select("content", "model", "revision", "dim").unique().rows() == [("text", "tiny", "1", 16)]
    lengths = np.linalg.norm(found["vector"].list.to_array(16).to_numpy(), axis=1)
    assert lengths == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_vectors_depend_neither_on_the_batch_nor_on_the_company(place):
    whole = embed(place, TEXTS)["vector"].list.to_array(16).to_numpy()
    for at, text in enumerate(TEXTS):
        alone = embed(place, [text], batch=1)["vector"].list.to_array(16).to_numpy()
        assert alone[0] == pytest.approx(whole[at], abs=1e-5)


def test_the_key_names_the_model_and_not_the_machine(place, tmp_path):
    one, moved = (Embed(model="m", revision="1", digest="d", place=folder) for folder in (place, tmp_path))
    assert one.key() == moved.key() == Embed(model="m", revision="1", digest="d", place=place, batch=7).key()
    assert one.key() != Embed(model="m", revision="1", digest="e", place=place).key()


def test_weights_that_could_run_code_are_refused(tmp_path):
    save_encoder(tmp_path)
    weights = tmp_path / "model.safetensors"
    torch.save({"a": torch.zeros(1)}, tmp_path / "pytorch_model.bin")
    weights.unlink()
    with pytest.raises(Terminal, match="holds no safetensors: other weights can run code"):
        load_encoder(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"\xff" * 64, b'\x08\x00\x00\x00\x00\x00\x00\x00{"a":1}'])
def test_damaged_weights_are_told(tmp_path, damage):
    save_encoder(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(damage)
    with pytest.raises(Terminal, match="is not a model that texts can be embedded with"):
        load_encoder(tmp_path)
