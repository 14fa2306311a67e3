import numpy as np
import pytest

from schemas.errors import Terminal
from training.checkpoint import MEANING, WEIGHTS, load_head, save_head
from training.head.design import Design
from training.head.model import Head

HEAD = Head(
    Design(("response", "hand"), np.array([1.0, 2.0], dtype=np.float32)),
    {"help/fulness": np.arange(5, dtype=np.float32), "überall": np.ones(5, dtype=np.float32)},
)


def test_a_head_comes_back_as_it_was(tmp_path):
    save_head(HEAD, tmp_path, {"encoder": "tiny"})
    found, about = load_head(tmp_path)
    assert found.design.blocks == HEAD.design.blocks
    assert found.design.scale.tolist() == [1.0, 2.0]
    assert {name: weights.tolist() for name, weights in found.weights.items()} == {
        name: weights.tolist() for name, weights in HEAD.weights.items()
    }
    assert about["encoder"] == "tiny"


@pytest.mark.parametrize(
    "damage",
    [
        lambda weights: b"",
        lambda weights: weights[: len(weights) // 2],
        lambda weights: b"\xff" * 8 + weights[8:],
        lambda weights: b"\x80\x04cos\nsystem\n(S'true'\ntR.",
        lambda weights: weights.replace(b"F32", b"I64"),
    ],
)
def test_damaged_or_hostile_weights_are_refused(tmp_path, damage):
    save_head(HEAD, tmp_path, {})
    (tmp_path / WEIGHTS).write_bytes(damage((tmp_path / WEIGHTS).read_bytes()))
    with pytest.raises(Terminal, match="holds no reward head"):
        load_head(tmp_path)


@pytest.mark.parametrize("said", ["", "[]", "{}", '{"blocks": ["hand"], "dimensions": ["a", "b", "c"]}'])
def test_damaged_meaning_is_refused(tmp_path, said):
    save_head(HEAD, tmp_path, {})
    (tmp_path / MEANING).write_text(said)
    with pytest.raises(Terminal, match="holds no reward head"):
        load_head(tmp_path)


def test_numbers_that_are_none_are_refused(tmp_path):
    save_head(HEAD._replace(weights={"a": np.array([np.nan], dtype=np.float32)}), tmp_path, {})
    with pytest.raises(Terminal, match="not finite"):
        load_head(tmp_path)
