"""A model with random weights and pictures to look at: what the passes over pictures are measured with."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import open_clip
from numpy.typing import NDArray
from open_clip.factory import get_model_config
from PIL import Image
from safetensors.torch import save_file

ARCHITECTURE = "ViT-B-32"


def save_model(folder: Path) -> Path:
    """Save ViT-B/32 with random weights as open_clip's folders are; return where its weights are.

    How fast a model is does not depend on what it has learnt.
    """
    model = open_clip.create_model(ARCHITECTURE, load_weights=False)
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": get_model_config(ARCHITECTURE)}))
    weights = folder / "open_clip_model.safetensors"
    save_file({name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}, weights)
    return weights


def draw(count: int, side: int) -> list[NDArray[np.uint8]]:
    """Draw pictures of waves and noise, as hard to unpack as photographs."""
    random = np.random.default_rng(0)
    across = np.linspace(0, 6, side)
    drawn = []
    for _ in range(count):
        speeds = random.uniform(1, 9, (2, 3))
        waves = np.sin(across[:, None, None] * speeds[0]) + np.sin(across[None, :, None] * speeds[1])
        drawn.append(np.clip(waves * 50 + 128 + random.normal(0, 9, (side, side, 3)), 0, 255).astype(np.uint8))
    return drawn


def as_jpeg(picture: NDArray[np.uint8]) -> bytes:
    """Pack a picture."""
    packed = io.BytesIO()
    Image.fromarray(picture).save(packed, "JPEG", quality=90)
    return packed.getvalue()
