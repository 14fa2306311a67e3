"""A moderator as a folder: weights as safetensors and what they mean as JSON, as `training.checkpoint` has a head."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from schemas.errors import Terminal
from training.head.design import Design
from training.moderation.learn import Moderator

WEIGHTS = "moderator.safetensors"
MEANING = "moderator.json"


def save_moderator(moderator: Moderator, folder: Path, about: dict[str, Any]) -> None:
    """Write `moderator` into an empty folder, with `about`: its encoder and how it was trained."""
    lines = {f"weights.{at}": np.ascontiguousarray(each) for at, each in enumerate(moderator.weights.values())}
    save_file({"scale": moderator.design.scale, "centre": moderator.centre, **lines}, folder / WEIGHTS)
    said = {
        "blocks": list(moderator.design.blocks),
        "labels": list(moderator.weights),
        "biases": list(moderator.biases.values()),
        "thresholds": list(moderator.thresholds.values()),
        **about,
    }
    (folder / MEANING).write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def load_moderator(folder: Path) -> tuple[Moderator, dict[str, Any]]:
    """Read what `save_moderator` wrote. Raises Terminal if the folder holds anything else; nothing in it is run."""
    try:
        said = json.loads((folder / MEANING).read_text(encoding="utf-8"))
        tensors: dict[str, Any] = load_file(folder / WEIGHTS)
        names = said["labels"]
        biases, thresholds = (dict(zip(names, said[part], strict=True)) for part in ("biases", "thresholds"))
        moderator = Moderator(
            Design(tuple(said["blocks"]), tensors["scale"]),
            tensors["centre"],
            {name: tensors[f"weights.{at}"] for at, name in enumerate(names)},
            {name: float(value) for name, value in biases.items()},
            {name: float(value) for name, value in thresholds.items()},
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise Terminal(f"{folder} holds no moderator: {error}: train it again") from error
    numbers = [*moderator.weights.values(), moderator.centre, np.array(list(moderator.biases.values()))]
    if not all(np.isfinite(each).all() for each in numbers):
        raise Terminal(f"{folder / WEIGHTS} holds numbers that are not finite: train it again")
    return moderator, said
