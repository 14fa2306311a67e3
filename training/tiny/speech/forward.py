"""Whisper's own layers on short sounds, with the result that they would have at 30 seconds.

Whisper fills every sound up to 30 seconds. What follows a short sound is silence: frames that are all the same but for
their positions. A few of them stand for all, and each counts in the attention as often as it stands for one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import gelu, scaled_dot_product_attention
from whisper.model import MultiHeadAttention, ResidualAttentionBlock, Whisper

# The last frames see beyond the end of the spectrogram.
_EDGE = 2
_STANDING = 48


class Heard(NamedTuple):
    """What the encoder makes of sounds, the frames of the sounds first, and how each frame weighs in attention."""

    frames: Tensor
    own: int
    weights: Tensor


def encode(model: Whisper, mel: Tensor, offset: float = 0.5) -> Heard:
    """Encode spectrograms (count, 80, frames) that end in silence; `offset` in [0, 1) chooses the frames that stand."""
    encoder = model.encoder
    seen = gelu(encoder.conv2(gelu(encoder.conv1(mel)))).permute(0, 2, 1)[:, :-_EDGE]
    own, whole = seen.shape[1], model.dims.n_audio_ctx
    apart = (whole - own) / _STANDING
    positions = (own + (torch.arange(_STANDING) + offset) * apart).long()
    still = seen[:, -1:].expand(-1, _STANDING, -1)
    place = encoder.positional_embedding
    frames = torch.cat([seen + place[:own], still + place[positions]], dim=1)
    weights = torch.cat([torch.zeros(own), torch.full((_STANDING,), math.log(apart))])[None, None, None]
    for block in encoder.blocks:
        frames = _through(block, frames, weights=weights)
    return Heard(encoder.ln_post(frames), own, weights)


def decode(model: Whisper, tokens: Tensor, heard: Heard) -> Tensor:
    """Return the logits that follow each of the tokens."""
    decoder = model.decoder
    said = decoder.token_embedding(tokens) + decoder.positional_embedding[: tokens.shape[1]]
    for block in decoder.blocks:
        said = _through(block, said, heard=heard)
    logits: Tensor = decoder.ln(said) @ decoder.token_embedding.weight.T
    return logits


def _through(
    block: ResidualAttentionBlock, x: Tensor, weights: Tensor | None = None, heard: Heard | None = None
) -> Tensor:
    normal = block.attn_ln(x)
    x = x + _attend(block.attn, normal, normal, weights, is_causal=heard is not None)
    if heard is not None:
        x = x + _attend(block.cross_attn, block.cross_attn_ln(x), heard.frames, heard.weights)
    passed: Tensor = x + block.mlp(block.mlp_ln(x))
    return passed


def _attend(
    attention: MultiHeadAttention, x: Tensor, over: Tensor, weights: Tensor | None, *, is_causal: bool = False
) -> Tensor:
    query, key, value = (
        part.unflatten(-1, (attention.n_head, -1)).transpose(1, 2)
        for part in (attention.query(x), attention.key(over), attention.value(over))
    )
    mixed = scaled_dot_product_attention(query, key, value, attn_mask=weights, is_causal=is_causal)
    out: Tensor = attention.out(mixed.transpose(1, 2).flatten(2))
    return out
