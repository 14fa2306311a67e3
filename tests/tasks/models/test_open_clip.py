"""Models of open_clip in the precision of GPUs, and with tokenizers of their own."""

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

from tasks.caption.coca import CoCa
from tasks.embed.image_text.attributions import attribute
from tasks.embed.image_text.model import ImageText
from tasks.models import open_clip
from tasks.models.open_clip import load_open_clip, preparation_of
from tests.tasks.tiny_models import CLIP, COCA, pictures, save_open_clip

TEXTS = ["a red ball", "a house on a hill"]


@pytest.mark.parametrize("config", [CLIP, COCA], ids=["CLIP", "CoCa"])
def test_everything_works_in_the_precision_of_gpus(tmp_path, monkeypatch, config):
    weights = save_open_clip(tmp_path, config)
    preparation, seen = preparation_of(weights, None), pictures(4)
    exact = ImageText(weights, None, preparation)
    expected = exact.encode_pictures(seen, 4), exact.encode_texts(TEXTS, 4)
    load_open_clip.cache_clear()
    monkeypatch.setitem(open_clip.PRECISIONS, "cpu", "pure_bf16")
    coarse = ImageText(weights, None, preparation)
    found = coarse.encode_pictures(seen, 4), coarse.encode_texts(TEXTS, 4)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == np.float32
        assert (ours * theirs).sum(axis=1).min() > 0.99
        assert not np.array_equal(ours, theirs)
    assert len(attribute(coarse, found[0][:2], TEXTS, 2)) == 2
    if config is COCA:
        assert len(CoCa(weights, None, preparation).caption(seen, 2, 4)) == 4
    load_open_clip.cache_clear()


def test_a_tokenizer_in_the_models_folder_is_used(tmp_path):
    text = {**CLIP["text_cfg"], "hf_tokenizer_name": "somebody/elsewhere", "context_length": 8}
    weights = save_open_clip(tmp_path, {**CLIP, "text_cfg": text})
    words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "a", "red", "ball"])}
    made = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(tmp_path)
    model = ImageText(weights, None, preparation_of(weights, None))
    assert model.tokens(["a red ball"]).tolist() == [[2, 3, 4, 0, 0, 0, 0, 0]]
    assert model.reads_whole(["a red ball", "ball " * 9]) == [True, False]
    assert model.encode_texts(["a red ball"], 1).shape == (1, 32)
