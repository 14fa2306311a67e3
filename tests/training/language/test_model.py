"""Loading a model never runs what lies in its folder (R14), and says what is wrong with it."""

import json
import pickle

import pytest

pytest.importorskip("trl", reason="TRL is not installed: pip install 'winnow-curation[train]'")

from schemas.errors import Terminal
from tests.trainers.tiny import TEMPLATE, save_model
from training.language.model import load_policy, load_reward_model, load_tokenizer


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, canary):
        self.canary = canary

    def __reduce__(self):
        return open, (str(self.canary), "w")


@pytest.fixture
def base(tmp_path):
    save_model(tmp_path / "base")
    return tmp_path / "base"


def test_pickled_weights_are_refused(base, tmp_path):
    (base / "model.safetensors").unlink()
    (base / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(tmp_path / "canary")))
    with pytest.raises(Terminal, match="safetensors"):
        load_policy(base, half=False)
    assert not (tmp_path / "canary").exists()


def test_code_of_a_model_is_not_run(base, tmp_path):
    config = json.loads((base / "config.json").read_text())
    config |= {"model_type": "planted", "auto_map": {"AutoConfig": "planted.C", "AutoModelForCausalLM": "planted.M"}}
    (base / "config.json").write_text(json.dumps(config))
    (base / "planted.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w')\n")
    with pytest.raises(Terminal, match="no language model that can be loaded"):
        load_policy(base, half=False)
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("harm", ["truncated", "oversized header", "empty"])
def test_damaged_weights_are_refused(base, harm):
    file = base / "model.safetensors"
    whole = file.read_bytes()
    damaged = {"truncated": whole[:-100], "oversized header": b"\xff" * 7 + b"\x7f" + whole[8:], "empty": b""}
    file.write_bytes(damaged[harm])
    with pytest.raises(Terminal, match="no language model that can be loaded"):
        load_policy(base, half=False)


def test_a_tokenizer_needs_a_chat_template(base):
    (base / "chat_template.jinja").unlink()
    with pytest.raises(Terminal, match="has no chat template"):
        load_tokenizer(base, None)
    assert load_tokenizer(base, TEMPLATE).chat_template == TEMPLATE


def test_a_folder_without_a_tokenizer_is_refused(base):
    for file in base.glob("token*"):
        file.unlink()
    with pytest.raises(Terminal, match="no tokenizer"):
        load_tokenizer(base, None)


def test_a_reward_model_has_one_score(base):
    tokenizer = load_tokenizer(base, None)
    model = load_reward_model(base, tokenizer, half=False)
    assert model.num_labels == 1
    assert model.config.pad_token_id == tokenizer.pad_token_id
