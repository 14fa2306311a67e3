"""Tiny models of open_clip and whisper with random weights: what real ones are loaded by, in milliseconds."""

import json
from pathlib import Path

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from whisper.model import ModelDimensions, Whisper

VISION = {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 16}
TEXT = {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 4}
CLIP = {"embed_dim": 32, "vision_cfg": VISION, "text_cfg": TEXT}
COCA = {
    "embed_dim": 32,
    "vision_cfg": {**VISION, "attentional_pool": True, "attn_pooler_heads": 2, "output_tokens": True},
    "text_cfg": {**TEXT, "context_length": 76, "embed_cls": True, "output_tokens": True},
    "multimodal_cfg": {**TEXT, "context_length": 76, "attn_pooler_heads": 2},
    "custom_text": True,
}
SIZES = {
    "n_mels": 80, "n_audio_ctx": 1500, "n_audio_state": 32, "n_audio_head": 2, "n_audio_layer": 1, "n_vocab": 51865,
    "n_text_ctx": 448, "n_text_state": 32, "n_text_head": 2, "n_text_layer": 1,
}  # fmt: skip


def shake(model, seed):
    """Give every weight a random number: libraries leave some as they find the memory."""
    torch.manual_seed(seed)
    for name, weight in model.named_parameters():
        if "logit" not in name:
            torch.nn.init.normal_(weight, 1.0 if name.endswith(("ln_1.weight", "ln_2.weight")) else 0.0, 0.1)
    return model.eval()


def build_open_clip(folder, config=CLIP, seed=0):
    """Build a model with random weights from a folder's open_clip_config.json, which is written."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
    return shake(open_clip.create_model(f"local-dir:{folder}", load_weights=False), seed)


def save_open_clip(folder: Path, config=CLIP, seed=0, preprocess=None) -> Path:
    """Save a model in the form of open_clip's folders; return where its weights are."""
    model = build_open_clip(folder, config, seed)
    said = {"model_cfg": config, "preprocess_cfg": preprocess or {}}
    (folder / "open_clip_config.json").write_text(json.dumps(said))
    weights = folder / "open_clip_model.safetensors"
    save_file({name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}, weights)
    return weights


def build_whisper(seed=0, **sizes):
    return shake(Whisper(ModelDimensions(**{**SIZES, **sizes})), seed)


def save_whisper(folder: Path, seed=0, as_pickle=False, **sizes) -> Path:
    """Save a whisper as safetensors with dims.json, or as OpenAI does; return where its weights are."""
    folder.mkdir(parents=True, exist_ok=True)
    model = build_whisper(seed, **sizes)
    said = {**SIZES, **sizes}
    if as_pickle:
        torch.save({"dims": said, "model_state_dict": model.state_dict()}, folder / "model.pt")
        return folder / "model.pt"
    (folder / "dims.json").write_text(json.dumps(said))
    save_file({name: tensor.clone() for name, tensor in model.state_dict().items()}, folder / "model.safetensors")
    return folder / "model.safetensors"


def pictures(count, height=40, width=52, seed=0):
    """Random pictures of one size."""
    return list(np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), dtype=np.uint8))


def sounds(*seconds, seed=0):
    """Noises of so many seconds."""
    random = np.random.default_rng(seed)
    return [random.normal(0, 0.1, int(each * 16_000)).astype(np.float32) for each in seconds]
