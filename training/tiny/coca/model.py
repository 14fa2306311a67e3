"""The shape of the tiny CoCa: open_clip's own classes, with all or with few of the tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from open_clip.coca_model import CoCa
from open_clip.tokenizer import SimpleTokenizer
from safetensors.torch import save_file
from torch import Tensor

from training.tiny.vocabulary import Vocabulary

SIDE = 64
PATCH = 8
CONTEXT = 22
TOKENS = 49408
# The tokenizer pads with 0, which is the token of `!`.
PAD, START, END = 0, 49406, 49407
MEAN, STD = 0.5, 0.5
_ROWS = {"text.token_embedding.weight": 0, "text_decoder.text_projection": 1}


def shape(tokens: int = TOKENS, width: int = 128, layers: int = 4, text_layers: int = 2) -> dict[str, Any]:
    """Return the configuration of the model, as open_clip reads it."""
    text = {"context_length": CONTEXT, "vocab_size": tokens, "width": width, "heads": 4, "layers": text_layers}
    return {
        "embed_dim": width,
        "vision_cfg": {
            "image_size": SIDE, "patch_size": PATCH, "layers": layers, "width": width, "head_width": 32,
            "mlp_ratio": 2.0, "output_tokens": True,
        },
        "text_cfg": {**text, "mlp_ratio": 2.0, "embed_cls": True, "output_tokens": True},
        "multimodal_cfg": text,
    }  # fmt: skip


def make(cfg: dict[str, Any]) -> CoCa:
    """Build the model with random weights."""
    model = CoCa(**cfg)
    # open_clip leaves this one as it finds it in memory.
    torch.nn.init.normal_(model.text_decoder.text_projection, std=cfg["embed_dim"] ** -0.5)
    return model


def vocabulary(words: Iterable[str], tokenizer: SimpleTokenizer) -> Vocabulary:
    """Collect the tokens of these words, the padding first, as the model expects it."""
    told = {token for word in words for token in tokenizer.encode(word)}
    return Vocabulary((PAD, START, END, *sorted(told - {PAD, START, END})), TOKENS)


def save(weights: dict[str, Tensor], cfg: dict[str, Any], vocabulary: Vocabulary, place: Path) -> None:
    """Write the full model, in half precision, as the folder that open_clip opens as `local-dir:`."""
    place.mkdir(parents=True, exist_ok=True)
    full = {
        name: (vocabulary.spread(weight, _ROWS[name]) if name in _ROWS else weight).half().contiguous()
        for name, weight in weights.items()
    }
    save_file(full, place / "open_clip_model.safetensors")
    whole = {**cfg, "custom_text": True}
    for part in ("text_cfg", "multimodal_cfg"):
        whole[part] = {**whole[part], "vocab_size": TOKENS}
    preprocess = {"mean": [MEAN] * 3, "std": [STD] * 3, "interpolation": "bicubic", "resize_mode": "shortest"}
    told = {"model_cfg": whole, "preprocess_cfg": preprocess}
    (place / "open_clip_config.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
