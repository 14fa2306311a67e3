"""Checkpoints of whisper in three forms: OpenAI's file, the same as safetensors, and a folder of transformers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from schemas.errors import Terminal
from tasks.models.batches import devices
from tasks.models.weights import read_pickle, read_settings, read_weights, refuse_code, tensors_in

if TYPE_CHECKING:
    from torch import Tensor

DIMENSIONS: Final = "dims.json"
# whisper's names of sizes by those of transformers.
_SIZES: Final = {
    "n_mels": "num_mel_bins", "n_audio_ctx": "max_source_positions", "n_audio_state": "d_model",
    "n_audio_head": "encoder_attention_heads", "n_audio_layer": "encoder_layers", "n_vocab": "vocab_size",
    "n_text_ctx": "max_target_positions", "n_text_state": "d_model", "n_text_head": "decoder_attention_heads",
    "n_text_layer": "decoder_layers",
}  # fmt: skip
# Names of tensors in transformers and in whisper, to be replaced in this order.
_TENSORS: Final = (
    (r"^model\.", ""),
    (r"\.layers\.", ".blocks."),
    (r"\.self_attn\.q_proj", ".attn.query"),
    (r"\.self_attn\.k_proj", ".attn.key"),
    (r"\.self_attn\.v_proj", ".attn.value"),
    (r"\.self_attn\.out_proj", ".attn.out"),
    (r"\.self_attn_layer_norm", ".attn_ln"),
    (r"\.encoder_attn\.q_proj", ".cross_attn.query"),
    (r"\.encoder_attn\.k_proj", ".cross_attn.key"),
    (r"\.encoder_attn\.v_proj", ".cross_attn.value"),
    (r"\.encoder_attn\.out_proj", ".cross_attn.out"),
    (r"\.encoder_attn_layer_norm", ".cross_attn_ln"),
    (r"\.fc1", ".mlp.0"),
    (r"\.fc2", ".mlp.2"),
    (r"\.final_layer_norm", ".mlp_ln"),
    (r"^encoder\.layer_norm", "encoder.ln_post"),
    (r"^decoder\.layer_norm", "decoder.ln"),
    (r"\.embed_tokens", ".token_embedding"),
    (r"\.embed_positions\.weight", ".positional_embedding"),
)


@cache
def load_whisper(weights: Path) -> tuple[Any, ...]:
    """Load a whisper model once a process: on every GPU, else on the CPU.

    Raises Terminal if the library or the weights are not there, or if they are no whisper's.
    """
    if find_spec("whisper") is None:
        raise Terminal("models of speech need more libraries: pip install 'winnow-curation[models]'")
    from whisper.model import ModelDimensions, Whisper

    sizes, tensors = _read(weights)
    _check(sizes, weights)
    try:
        models = []
        for device in devices():
            model = Whisper(ModelDimensions(**sizes))
            model.load_state_dict(tensors)
            models.append(model.to(device).eval().requires_grad_(requires_grad=False))
    except (RuntimeError, TypeError, AssertionError, AttributeError) as error:
        raise Terminal(f"{weights} does not fit its sizes: {str(error).strip()[:400]}") from error
    return tuple(models)


def _read(weights: Path) -> tuple[Mapping[str, Any], dict[str, Tensor]]:
    """Read a checkpoint's sizes and tensors, by whisper's names."""
    if weights.suffix != ".safetensors":
        held = read_pickle(weights)
        if not isinstance(held, dict) or not {"dims", "model_state_dict"} <= held.keys():
            raise Terminal(f"{weights} is no checkpoint of whisper: it lacks dims and model_state_dict")
        return held["dims"], tensors_in(held["model_state_dict"], weights)
    refuse_code(weights.parent)
    if (weights.parent / DIMENSIONS).is_file():
        return read_settings(weights.parent / DIMENSIONS), read_weights(weights)
    if not (weights.parent / "config.json").is_file():
        raise Terminal(f"{weights.parent} has neither {DIMENSIONS} nor config.json, so the model's sizes are not known")
    said = read_settings(weights.parent / "config.json")
    tensors = {_renamed(name): tensor for name, tensor in read_weights(weights).items() if name != "proj_out.weight"}
    return {ours: said.get(theirs) for ours, theirs in _SIZES.items()}, tensors


def _renamed(name: str) -> str:
    for theirs, ours in _TENSORS:
        name = re.sub(theirs, ours, name)
    return name


def _check(sizes: Mapping[str, Any], weights: Path) -> None:
    """Refuse sizes that no whisper has, before memory is taken for them."""
    if set(sizes) != set(_SIZES) or not all(type(size) is int and 0 < size <= 1 << 17 for size in sizes.values()):
        raise Terminal(f"{weights}: the sizes {dict(sizes)} are not those of a whisper")
    if sizes["n_mels"] not in (80, 128) or sizes["n_audio_ctx"] != 1500 or sizes["n_vocab"] < 51864:
        raise Terminal(f"{weights}: a whisper has 80 or 128 mels, 1500 places and 51864 tokens or more")
