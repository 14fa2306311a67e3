"""Captions of pictures by the most probable next token."""

from __future__ import annotations

import torch
from open_clip.coca_model import CoCa
from torch import Tensor


@torch.no_grad()
def caption_rows(model: CoCa, pictures: Tensor, start: int, end: int, pad: int, most: int) -> Tensor:
    """Return a row of tokens for each picture, from the start to the end of its caption, then padding."""
    said = torch.full((len(pictures), 1), start)
    is_done = torch.zeros(len(pictures), dtype=torch.bool)
    latent, seen = model._encode_image(pictures)
    for _ in range(most - 1):
        told = model(pictures, said, image_latent=latent, image_embs=seen, output_labels=False)
        best = told["logits"][:, -1].argmax(-1).masked_fill(is_done, pad)
        said = torch.cat([said, best[:, None]], dim=1)
        is_done |= best == end
        if is_done.all():
            break
    return said
