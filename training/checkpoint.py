"""A head as a folder: weights as safetensors, what they mean as JSON; written aside by the caller, then renamed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from schemas.errors import Terminal
from training.head.design import Design
from training.head.model import Head

WEIGHTS = "head.safetensors"
MEANING = "head.json"


def save_head(head: Head, folder: Path, about: dict[str, Any]) -> None:
    """Write `head` into an empty folder, with `about`: its encoder and how it was trained."""
    save_file({"scale": head.design.scale, **_named(head)}, folder / WEIGHTS)
    said = {"blocks": list(head.design.blocks), "dimensions": list(head.weights), **about}
    (folder / MEANING).write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def load_head(folder: Path) -> tuple[Head, dict[str, Any]]:
    """Read what `save_head` wrote. Raises Terminal if the folder holds anything else; nothing in it is ever run."""
    try:
        said = json.loads((folder / MEANING).read_text(encoding="utf-8"))
        tensors: dict[str, Any] = load_file(folder / WEIGHTS)
        design = Design(tuple(said["blocks"]), tensors["scale"])
        weights = {name: tensors[f"weights.{at}"] for at, name in enumerate(said["dimensions"])}
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise Terminal(f"{folder} holds no reward head: {error}: train it again") from error
    if not all(np.isfinite(tensor).all() for tensor in weights.values()):
        raise Terminal(f"{folder / WEIGHTS} holds numbers that are not finite: train it again")
    return Head(design, weights), said


def _named(head: Head) -> dict[str, Any]:
    return {f"weights.{at}": np.ascontiguousarray(weights) for at, weights in enumerate(head.weights.values())}
